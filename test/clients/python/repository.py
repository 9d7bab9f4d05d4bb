from steps import refused, run, step


@step("branches are listed, shown, made and deleted")
def _(scene):
    branches = scene.root.projects.get(scene.project).branches
    assert sorted(branch.name for branch in branches.list()) == ["main", "side"]
    main = branches.get("main")
    assert main.protected and main.default and main.commit["id"] == scene.commits[-1]
    made = branches.create({"branch": "work/new", "ref": "main"})
    assert made.commit["id"] == scene.commits[-1]
    made.delete()
    assert refused(404, branches.get, "work/new") == "404 Branch Not Found"
    refused(400, branches.create, {"branch": "other", "ref": "nothing"})


@step("tags are made, with a message and without, listed and deleted")
def _(scene):
    tags = scene.root.projects.get(scene.project).tags
    tags.create({"tag_name": "v1", "ref": "main"})
    second = tags.create({"tag_name": "v2", "ref": "side", "message": "second"})
    assert second.message == "second"
    assert sorted(tag.name for tag in tags.list()) == ["v1", "v2"]
    assert tags.get("v1").commit["id"] == scene.commits[-1]
    for name in ("v1", "v2"):
        tags.delete(name)
    assert tags.list() == []


@step("commits, trees, files and the common ancestor")
def _(scene):
    project = scene.root.projects.get(scene.project)
    assert [commit.id for commit in project.commits.list(ref_name="main")] == scene.commits[::-1]
    assert project.commits.get(scene.commits[-1]).title == "words"
    assert [entry["path"] for entry in project.repository_tree(recursive=True)] == ["docs", "docs/read me.md"]
    assert project.files.raw("docs/read me.md", ref="main") == b"# Hello\n"
    assert project.files.get("docs/read me.md", ref="main").decode() == b"# Hello\n"
    assert project.repository_merge_base(["main", "side"])["id"] == scene.commits[0]
    assert project.commits.get(scene.commits[-1]).diff()[0]["new_path"] == "docs/read me.md"
    compared = project.repository_compare(scene.commits[0], "main")
    assert [commit["id"] for commit in compared["commits"]] == scene.commits[1:]
    refused(404, project.files.get, "none.md", ref="main")


run()
