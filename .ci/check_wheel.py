"""Check that a wheel holds every file of the package that git knows: `check_wheel.py WHEEL`."""

import subprocess
import sys
import zipfile
from pathlib import Path

# A kind that is missing from git as well must not pass unseen.
EXPECTED_SUFFIXES = (".py", ".html", ".css", ".js", ".mo", ".safetensors", ".json", "py.typed")


def main(wheel: str) -> int:
    root = Path(__file__).resolve().parent.parent
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "shop_genai/"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)  # noqa: S603 - fixed command
    tracked = set(listed.stdout.split("\0"))
    packed = set(zipfile.ZipFile(wheel).namelist())
    missing = sorted(tracked - packed - {""})
    absent = [suffix for suffix in EXPECTED_SUFFIXES if not any(name.endswith(suffix) for name in packed)]
    strangers = sorted(name for name in packed if not name.startswith(("shop_genai/", "shop_genai-")))
    for what, names in (("not packed", missing), ("no file", absent), ("does not belong", strangers)):
        for name in names:
            print(f"{what}: {name}", file=sys.stderr)
    print(f"{Path(wheel).name}: {len(packed)} files, {Path(wheel).stat().st_size / 2**20:.1f} MiB")
    return 1 if missing or absent or strangers else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
