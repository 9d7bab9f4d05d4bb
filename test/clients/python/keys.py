from steps import refused, run, step


@step("a user’s own keys")
def _(scene):
    scene.ada.auth()
    made = scene.ada.user.keys.create({"title": "laptop", "key": scene.keys[0]})
    assert [key.id for key in scene.ada.user.keys.list()] == [made.id]
    assert scene.ada.user.keys.get(made.id).title == "laptop"
    refused(400, scene.ada.user.keys.create, {"title": "again", "key": scene.keys[0]})
    refused(400, scene.ada.user.keys.create, {"title": "bad", "key": "ssh-rsa nonsense"})
    scene.key = made


@step("an administrator finds whose a key is")
def _(scene):
    found = scene.root.keys.get(scene.key.id)
    assert found.user["username"] == "ada"
    by_print = scene.root.keys.get(fingerprint=scene.fingerprint)
    assert by_print.user["id"] == scene.adaId
    refused(403, scene.ada.keys.get, scene.key.id)


@step("an administrator adds and removes keys of others")
def _(scene):
    user = scene.root.users.get(scene.adaId)
    made = user.keys.create({"title": "desk", "key": scene.keys[1]})
    assert len(user.keys.list()) == 2
    made.delete()
    scene.key.delete()
    assert user.keys.list() == []


@step("deploy keys are added, changed, enabled elsewhere, and taken away")
def _(scene):
    project = scene.root.projects.get(scene.project)
    made = project.keys.create({"title": "deployer", "key": scene.keys[2]})
    assert made.can_push is False
    made.can_push = True
    made.save()
    assert project.keys.get(made.id).can_push is True
    other = scene.root.projects.create({"name": "keyed"})
    other.keys.enable(made.id)
    assert [key.id for key in other.keys.list()] == [made.id]
    assert [key.id for key in scene.root.deploykeys.list()] == [made.id]
    for home in (project, other):
        home.keys.delete(made.id)
    assert scene.root.deploykeys.list() == []


run()
