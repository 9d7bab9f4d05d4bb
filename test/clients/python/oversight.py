from steps import client, refused, run, step


@step("application settings are shown and changed")
def _(scene):
    settings = scene.root.settings.get()
    assert settings.default_project_visibility == "private"
    settings.default_project_visibility = "internal"
    settings.save()
    assert scene.root.projects.create({"name": "open"}).visibility == "internal"
    settings.default_project_visibility = "private"
    settings.save()
    refused(403, scene.ada.settings.get)


@step("audit events of the instance, a project and a group")
def _(scene):
    project = scene.root.projects.get(scene.project)
    made = project.deploytokens.create({"name": "audited", "scopes": ["read_repository"]})
    newest = project.audit_events.list(per_page=1, page=1)[0]
    assert newest.details["target_id"] == made.id and newest.event_name == "deploy_token_created", newest
    assert scene.root.audit_events.get(newest.id).entity_id == scene.project
    assert newest.id in [event.id for event in scene.root.audit_events.list(get_all=True)]
    group = scene.root.groups.get(scene.group)
    assert all(event.entity_type == "Group" for event in group.audit_events.list(get_all=True))
    made.delete()


@step("trigger tokens")
def _(scene):
    triggers = scene.root.projects.get(scene.project).triggers
    made = triggers.create({"description": "timer"})
    assert made.token.startswith("glptt-")
    made.description = "other"
    made.save()
    assert [trigger.description for trigger in triggers.list()] == ["other"]
    assert triggers.get(made.id).token == made.token
    made.delete()
    refused(404, triggers.get, made.id)


@step("invitations to a project and to a group")
def _(scene):
    for home in (scene.root.projects.get(scene.project), scene.root.groups.get(scene.group)):
        made = home.invitations.create({"email": "new@example.org", "access_level": 30})
        assert made.status == "success"
        assert [invitation.invite_email for invitation in home.invitations.list()] == ["new@example.org"]
        home.invitations.update("new@example.org", {"access_level": 20})
        assert home.invitations.list()[0].access_level == 20
        home.invitations.delete("new@example.org")
        assert home.invitations.list() == []


@step("service accounts and their tokens")
def _(scene):
    account = scene.root.http_post(f"/groups/{scene.group}/service_accounts", post_data={"name": "Deployer"})
    path = f"/groups/{scene.group}/service_accounts/{account['id']}/personal_access_tokens"
    made = scene.root.http_post(path, post_data={"name": "run", "scopes": ["api"]})
    machine = client(scene, made["token"])
    machine.auth()
    assert machine.user.id == account["id"]
    rotated = scene.root.http_post(f"{path}/{made['id']}/rotate")
    refused(401, machine.auth)
    scene.root.http_delete(f"{path}/{rotated['id']}")
    refused(401, client(scene, rotated["token"]).auth)


@step("what an unknown token is, and its end")
def _(scene):
    made = scene.root.users.get(scene.adaId).personal_access_tokens.create({"name": "found", "scopes": ["api"]})
    told = scene.root.http_post("/admin/token", post_data={"token": made.token})
    assert told["id"] == made.id, told
    scene.root.http_delete("/admin/token", query_data={"token": made.token})
    refused(401, client(scene, made.token).auth)


run()
