# SPDX-License-Identifier: GPL-3.0-or-later
"""What mkdocs does not do by itself: the reader's order, names of headings as on the forges, and a search
that works from disk, where a browser lets no page fetch or start a worker."""
import json
import os
import re
import shutil

ORDER = "docs/README.md"


def slug(text, separator):
    """The anchor of a heading, as GitHub and GitLab make it."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", separator)


def short(path):
    """A page's name in the list: its heading, up to the colon."""
    with open(path, encoding="utf-8") as page:
        return page.readline().lstrip("# ").split(":")[0].strip().replace("`", "")


def on_config(config):
    """The list of pages is what docs/README.md links to, in its order, under its headings."""
    config["nav"] = [{"sopsim": "README.md"}, {"The documentation": ORDER}]
    seen = {"README.md", ORDER}
    with open(os.path.join("pages", ORDER), encoding="utf-8") as order:
        for line in order:
            if line.startswith("## "):
                config["nav"].append({line[3:].strip(): []})
            for link in re.findall(r"\]\(([^)#]+\.md)\)", line):
                path = os.path.normpath(os.path.join(os.path.dirname(ORDER), link))
                if path not in seen:
                    section = config["nav"][-1]
                    list(section.values())[0].append({short(os.path.join("pages", path)): path})
                    seen.add(path)
    # A heading over text alone is none in the list.
    config["nav"] = [part for part in config["nav"] if list(part.values())[0]]
    return config


def on_post_build(config):
    """The index of the search becomes a script; mkdocs's own search goes."""
    site = config["site_dir"]
    with open(os.path.join(site, "search", "search_index.json"), encoding="utf-8") as index:
        # A page stands there as a whole and in sections: the whole is for its name alone.
        sections = [
            [s["location"], s["title"], s["text"] if "#" in s["location"] else ""] for s in json.load(index)["docs"]
        ]
    with open(os.path.join(site, "search.js"), "w", encoding="utf-8") as script:
        script.write("const SECTIONS = " + json.dumps(sections, ensure_ascii=False, separators=(",", ":")) + ";\n")
    shutil.rmtree(os.path.join(site, "search"))
    for name in "sitemap.xml", "sitemap.xml.gz", "404.html":
        if os.path.exists(os.path.join(site, name)):
            os.remove(os.path.join(site, name))
