from steps import refused, run, step


@step("who calls, and what the server is")
def _(scene):
    scene.root.auth()
    assert scene.root.user.is_admin is True
    version, revision = scene.root.version()
    assert version.startswith("18.5.0"), version


@step("users are made, found, changed, blocked and deleted")
def _(scene):
    users = scene.root.users
    made = users.create({"username": "grace", "name": "Grace", "email": "grace@example.com", "password": "correct horse battery"})
    assert [user.id for user in users.list(username="grace")] == [made.id]
    made.name = "Grace H."
    made.save()
    assert users.get(made.id).name == "Grace H."
    assert made.block() is True
    assert users.get(made.id).state == "blocked"
    assert made.unblock() is True
    made.deactivate()
    made.activate()
    made.delete()
    refused(404, users.get, made.id)


@step("projects are made, changed, archived, moved and deleted")
def _(scene):
    made = scene.root.projects.create({"name": "Well", "path": "well", "namespace_id": scene.group})
    assert scene.root.projects.get("castle/well").id == made.id
    made.description = "deep"
    made.save()
    assert [project.description for project in scene.root.projects.list(search="well")] == ["deep"]
    made.archive()
    assert scene.root.projects.get(made.id).archived is True
    made.unarchive()
    made.transfer("root")
    assert scene.root.projects.get(made.id).path_with_namespace == "root/well"
    made.delete()
    refused(404, scene.root.projects.get, made.id)


@step("groups are made in groups, listed, changed and deleted; namespaces show them")
def _(scene):
    made = scene.root.groups.create({"name": "Tower", "path": "tower", "parent_id": scene.group})
    castle = scene.root.groups.get("castle")
    assert [group.id for group in castle.subgroups.list()] == [made.id]
    made.description = "high"
    made.save()
    assert scene.root.groups.get(made.id).description == "high"
    assert [project.path for project in castle.projects.list()] == ["gate"]
    assert [space.full_path for space in scene.root.namespaces.list(search="tower")] == ["castle/tower"]
    made.delete()
    refused(404, scene.root.groups.get, made.id)


@step("members of a project and of a group")
def _(scene):
    for home in (scene.root.projects.get(scene.project), scene.root.groups.get(scene.group)):
        made = home.members.create({"user_id": scene.adaId, "access_level": 20, "expires_at": scene.nextMonth})
        assert made.access_level == 20 and made.expires_at == scene.nextMonth
        made.access_level = 30
        made.save()
        assert home.members.get(scene.adaId).access_level == 30
        assert [member.id for member in home.members.list(query="ada")] == [scene.adaId]
        assert sorted(member.username for member in home.members_all.list()) == ["ada", "root"]
        assert refused(409, home.members.create, {"user_id": scene.adaId, "access_level": 30}) == "Member already exists"
        made.delete()
        refused(404, home.members.get, scene.adaId)


@step("protected branches and tags")
def _(scene):
    project = scene.root.projects.get(scene.project)
    branch = project.protectedbranches.create({"name": "release/*", "push_access_level": 30, "merge_access_level": 30})
    assert [level["access_level"] for level in branch.push_access_levels] == [30]
    assert project.protectedbranches.get("release/*").name == "release/*"
    assert sorted(rule.name for rule in project.protectedbranches.list()) == ["main", "release/*"]
    branch.delete()
    tag = project.protectedtags.create({"name": "v*", "create_access_level": 40})
    assert [rule.name for rule in project.protectedtags.list()] == ["v*"]
    tag.delete()
    assert project.protectedtags.list() == []


@step("lists of many come in pages, as a whole and one by one")
def _(scene):
    user = scene.root.users.get(scene.adaId)
    for index in range(25):
        user.personal_access_tokens.create({"name": f"many-{index}", "scopes": ["read_user"]})
    tokens = scene.root.personal_access_tokens
    page = tokens.list(search="many", page=2, per_page=10)
    assert len(page) == 10
    assert len(tokens.list(search="many", per_page=10, get_all=True)) == 25
    lazy = tokens.list(search="many", per_page=10, iterator=True)
    assert (lazy.total, lazy.total_pages, lazy.per_page, lazy.current_page) == (25, 3, 10, 1)
    assert len({token.id for token in lazy}) == 25


@step("lists come by key")
def _(scene):
    for index in range(5):
        scene.root.projects.create({"name": f"keyed-{index}"})
    lazy = scene.root.projects.list(iterator=True, pagination="keyset", order_by="id", sort="asc", per_page=2)
    ids = [project.id for project in lazy]
    assert len(ids) == len(set(ids)) >= 6, ids


@step("an administrator acts as another")
def _(scene):
    assert scene.root.http_get("/user", sudo="ada")["username"] == "ada"
    assert "nobody" in refused(404, scene.root.http_get, "/user", sudo="nobody")
    refused(403, scene.ada.http_get, "/user", sudo="root")


@step("refusals come as the client’s own errors")
def _(scene):
    from steps import client

    assert refused(401, client(scene, "glpat-unknown").auth) == "401 Unauthorized"
    assert refused(403, scene.ada.deploytokens.list) == "403 Forbidden"
    assert refused(404, scene.root.projects.get, 99999) == "404 Project Not Found"
    assert "has already been taken" in str(refused(409, scene.root.users.create, {"username": "ada", "name": "A", "email": "x@example.com", "password": "correct horse battery"}))
    assert "scopes does not have a valid value" in refused(
        400, scene.root.users.get(scene.adaId).personal_access_tokens.create, {"name": "x", "scopes": ["all"]}
    )


run()
