#!/usr/bin/env python3
"""results.py [--markdown] FILE...: sums up the JUnit files that ctest wrote.

Prints every failed and every skipped test by name, the latter with the sentence in which it said why, and closes with
"N passed, N failed, N skipped". Exits 1 when a test failed or none passed.
"""
import os
import sys
import xml.etree.ElementTree as xml


def reason(case):
    """The last line that a skipped test printed."""
    lines = [line.strip() for line in (case.findtext("system-out") or "").splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def main():
    arguments = sys.argv[1:]
    bullet = "- " if "--markdown" in arguments else "  "
    passed, failed, skipped = 0, [], []
    for path in (a for a in arguments if not a.startswith("--")):
        build = os.path.splitext(os.path.basename(path))[0]
        for case in xml.parse(path).getroot().iter("testcase"):
            name = f"{build}: {case.get('name')}"
            skip = case.find("skipped")
            # A program that is not there is "skipped" too, without this code.
            if skip is not None and skip.get("message", "").startswith("SKIP_RETURN_CODE"):
                skipped.append(f"{name}: {reason(case)}")
            elif case.get("status") == "run" and case.find("failure") is None:
                passed += 1
            else:
                failed.append(name)
    for title, names in (("Failed", failed), ("Skipped", skipped)):
        if names:
            print(f"{title}:")
            print("\n".join(bullet + name for name in sorted(names)))
            print()
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


sys.exit(main())
