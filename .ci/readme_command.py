"""Print one of the command lines of the README's quick start: `python3 .ci/readme_command.py 2`."""

import re
import sys
from pathlib import Path

readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
quick_start = re.search(r"^#+ Quick start\n(.*?)^## ", readme, re.S | re.M)
if quick_start is None:
    sys.exit("README.md has no section 'Quick start'")
print(re.findall(r"^```sh\n(.*?)^```", quick_start.group(1), re.S | re.M)[int(sys.argv[1]) - 1].strip())
