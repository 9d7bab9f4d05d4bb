from steps import client, refused, run, step


def personal(scene, name, scopes=("api",), **more):
    user = scene.root.users.get(scene.adaId)
    return user.personal_access_tokens.create({"name": name, "scopes": list(scopes), **more})


@step("a personal access token is made and works")
def _(scene):
    made = personal(scene, "robot", expires_at=scene.nextMonth)
    assert made.name == "robot" and made.active and not made.revoked, made
    assert made.expires_at == scene.nextMonth
    robot = client(scene, made.token)
    robot.auth()
    assert robot.user.username == "ada"
    scene.robot = made


@step("a bearer token works as well")
def _(scene):
    import gitlab

    bearer = gitlab.Gitlab(scene.url, oauth_token=scene.robot.token)
    bearer.auth()
    assert bearer.user.id == scene.adaId


@step("personal access tokens are listed with filters")
def _(scene):
    tokens = scene.root.personal_access_tokens
    named = tokens.list(user_id=scene.adaId, search="robot", state="active", get_all=True)
    assert [token.id for token in named] == [scene.robot.id]
    assert not hasattr(named[0], "token")
    assert tokens.list(user_id=scene.adaId, created_before="2001-01-01T00:00:00Z", get_all=True) == []
    assert scene.robot.id in [token.id for token in scene.ada.personal_access_tokens.list(get_all=True)]
    refused(401, scene.ada.personal_access_tokens.list, user_id=1, get_all=True)


@step("a token looks at itself")
def _(scene):
    own = client(scene, scene.robot.token).http_get("/personal_access_tokens/self")
    assert own["id"] == scene.robot.id and "last_used_ips" in own, own


@step("a token is rotated, by another and by itself; the old one is dead")
def _(scene):
    old = personal(scene, "turning", ["api", "self_rotate"])
    new = scene.root.http_post(f"/personal_access_tokens/{old.id}/rotate")
    assert new["id"] != old.id and new["name"] == "turning"
    words = refused(401, client(scene, old.token).auth)
    assert "Token was revoked" in str(words) or words == "invalid_token", words
    newest = client(scene, new["token"]).http_post("/personal_access_tokens/self/rotate", post_data={"expires_at": scene.nextMonth})
    assert newest["expires_at"] == scene.nextMonth
    client(scene, newest["token"]).auth()


@step("a token is revoked")
def _(scene):
    scene.root.personal_access_tokens.delete(scene.robot.id)
    refused(401, client(scene, scene.robot.token).auth)


@step("a token ends itself")
def _(scene):
    made = personal(scene, "short", ["read_user"])
    short = client(scene, made.token)
    short.auth()
    short.personal_access_tokens.delete("self")
    refused(401, short.auth)


@step("impersonation tokens are made, listed, shown and revoked")
def _(scene):
    tokens = scene.root.users.get(scene.adaId).impersonationtokens
    made = tokens.create({"name": "as ada", "scopes": ["api"], "expires_at": scene.nextMonth})
    acting = client(scene, made.token)
    acting.auth()
    assert acting.user.username == "ada"
    assert [token.id for token in tokens.list(state="active")] == [made.id]
    assert tokens.get(made.id).impersonation is True
    made.delete()
    assert tokens.list(state="active") == []
    refused(401, acting.auth)


@step("access tokens of a project and of a group")
def _(scene):
    for home in (scene.root.projects.get(scene.project), scene.root.groups.get(scene.group)):
        made = home.access_tokens.create({"name": "bot", "scopes": ["api"], "access_level": 30})
        bot = client(scene, made.token)
        bot.auth()
        assert bot.user.bot is True
        assert [token.id for token in home.access_tokens.list()] == [made.id]
        rotated = scene.root.http_post(f"{home.access_tokens.path}/{made.id}/rotate")
        refused(401, bot.auth)
        home.access_tokens.delete(rotated["id"])
        refused(401, client(scene, rotated["token"]).auth)


@step("deploy tokens of a project and of a group")
def _(scene):
    for home in (scene.root.projects.get(scene.project), scene.root.groups.get(scene.group)):
        made = home.deploytokens.create({"name": "puller", "scopes": ["read_repository"], "username": "p"})
        assert made.token.startswith("gldt-") and made.username == "p"
        assert [token.id for token in home.deploytokens.list()] == [made.id]
        assert home.deploytokens.get(made.id).scopes == ["read_repository"]
        assert made.id in [token.id for token in scene.root.deploytokens.list(get_all=True)]
        made.delete()
        refused(404, home.deploytokens.get, made.id)


run()
