"""The mail servers of Debian, unpacked into a directory of their own: nothing is installed and nothing is started.

Exim and Postfix cannot be installed beside each other, and an installed one listens on port 25.
"""

import os
import pathlib
import re
import shutil
import subprocess

WANTED = ["exim4-daemon-light", "exim4-base", "postfix", "libnss-wrapper"]
TOOLS = ["apt-get", "dpkg-deb", "curl"]


class Missing(Exception):
    """What the mail servers cannot be had for."""


def unpacked(cache, may_download):
    """The directory with the unpacked packages; downloads them unless an earlier run has."""
    root = cache / "root"
    if not (root / ".whole").exists():
        lacking = [tool for tool in TOOLS if not shutil.which(tool)]
        if lacking:
            raise Missing(f"there is no {', '.join(lacking)}")
        if not may_download:
            raise Missing("Exim and Postfix have not been downloaded")
        download(cache, root)
    return root


def download(cache, root):
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    quiet(["apt-get", "update", "-q"])
    names = sorted(set(WANTED) | libraries())
    quiet(["apt-get", "download", "-q", *names], cwd=cache)
    root.mkdir()
    for package in sorted(cache.glob("*.deb")):
        quiet(["dpkg-deb", "-x", package, root])
    # Programs with the set-uid bit ignore the paths of libraries that are given to them. They are run as root anyway.
    for name in ["exim4", "postdrop", "postqueue"]:
        (root / "usr/sbin" / name).chmod(0o755)
    (root / ".whole").touch()


def libraries():
    """The libraries that the mail servers need and this machine lacks."""
    found = set()
    for server in ["exim4-daemon-light", "postfix"]:
        plan = subprocess.run(
            ["apt-get", "install", "-s", "--no-install-recommends", server],
            capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"},
        ).stdout
        found |= set(re.findall(r"^Inst (lib\S+)", plan, re.M))
    return found


def quiet(command, **options):
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if ran.returncode != 0:
        raise Missing(f"{command[0]} failed: {(ran.stderr or ran.stdout).strip()[-500:]}")


def environment(root, place, users):
    """Variables that let the unpacked programs find their libraries, and users that this machine does not have.

    `users` are names with numbers; each has a group of its name.
    """
    passwd, group = place / "passwd", place / "group"
    base = pathlib.Path("/etc")
    extra = "".join(f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n" for name, number in users.items())
    passwd.write_text(base.joinpath("passwd").read_text() + extra)
    extra = "".join(f"{name}:x:{number}:\n" for name, number in users.items())
    group.write_text(base.joinpath("group").read_text() + extra)
    libraries = sorted({path.parent for path in (root / "usr/lib").glob("*/*.so*")})
    wrapper = next((root / "usr/lib").glob("*/libnss_wrapper.so"))
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "LD_PRELOAD": str(wrapper),
        "NSS_WRAPPER_PASSWD": str(passwd),
        "NSS_WRAPPER_GROUP": str(group),
    }
