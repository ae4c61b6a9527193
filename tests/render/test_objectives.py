#!/usr/bin/env python3
"""What is enhanced: --objective, channels of layers in -ml, and --guide."""
import os
import re
import shutil
import signal

from interrupt import SAVED, STOPPED, stop
from program import PHOTO, PROGRAM, check, folder, pixels, ranks, read, read_log, run

NOISE = ("--size", "190x150", "-or", 0, 1, "-os", 2, "-ss", 0.05, "--quiet")
MIXED = "mixed0@l2:3,20-60=2,250=-1,mixed1:0-40"


def dream(name, layers, *flags, start=(PROGRAM,)):
    run(*NOISE, "-ml", layers, *flags, "-img_out", name, start=start)
    return pixels(name)


def channels_of_a_layer():
    """Parts are measured as in the whole layer: all of them are the layer, and two halves add up to it."""
    whole = dream("whole.png", "mixed1")
    check(dream("all.png", "mixed1:0-255,256-287") == whole, "all channels of mixed1 are mixed1")
    check(dream("all.png", "mixed1:0-287=0.5") == dream("half.png", "mixed1=0.5"), "and weigh as it does")
    check(dream("some.png", "mixed1:0-40") != whole, "some of them draw something else")
    check(dream("less.png", "mixed1:0-40=-1") != dream("some.png", "mixed1:0-40"), "and less of them, too")


def squares():
    check(dream("l2.png", "mixed1@l2") == dream("both.png", "mixed1", "--objective", "l2"), "@l2 is --objective l2")
    check(dream("mean.png", "mixed1@mean", "--objective", "l2") == dream("mean.png", "mixed1"), "@mean is the default")
    check(dream("l2.png", "mixed1@l2") != dream("mean.png", "mixed1"), "l2 draws something else")


def any_ranks_and_tiles():
    exact = ("--halo", "exact", "--backend", "reference")
    found = {dream("out.png", MIXED, *exact, "-ts", tile, start=ranks(count))
             for tile, count in ((512, 1), (64, 1), (64, 2), (96, 3))}
    check(len(found) == 1, f"{len(found)} pictures on 1 to 3 ranks with three tile sizes")


def goes_on():
    flags = (*NOISE[:6], 6, *NOISE[7:], "-ml", MIXED)
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *flags, "-img_out", "out.png")
    check(code == STOPPED, "it stops", code, text)
    text = run("--resume", SAVED, "-ml", "mixed0@l2:3", code=2)
    check("-ml" in text, "a resumed render keeps its channels", text)
    run("--resume", SAVED, "--quiet", start=ranks(2))
    run(*flags, "-img_out", "whole.png")
    check(pixels("out.png") == pixels("whole.png"), "it goes on to the same picture")


def recorded():
    """The log, the picture's text and --like hold the choice as it was made."""
    first = dream("first.png", MIXED, "--log", "log")
    check(read_log("log")[0]["ml"] == MIXED, "the log", read_log("log")[0])
    check(MIXED.encode() in read("first.png"), "the picture's text")
    run(*NOISE, "--like", "first.png", "-img_out", "second.png")
    check(pixels("second.png") == first, "--like draws the same")


def ranked_channels():
    """strongN becomes numbers, once: the same on any ranks, and none of what follows ranks again."""
    words = "mixed1:strong6,weak2=-1,12=2,mixed0"
    first = dream("strong.png", words, "--log", "log")
    numbers = read_log("log")[0]["ml"]
    found = re.findall(r"(\d+)(?:-(\d+))?(?:=(-?\d+))?", numbers.removeprefix("mixed1:").removesuffix(",mixed0"))
    weights = [weight for low, high, weight in found for _ in range(int(low), int(high or low) + 1)]
    check(sorted(weights) == sorted(["2"] + 2 * ["-1"] + 6 * [""]), "nine channels in the log", numbers)
    check("first canvas of 190 x 150" in read_log("log")[0]["why"]["channels"], "and why", read_log("log")[0])
    check(dream("numbers.png", numbers) == first, "by their numbers they draw the same")
    check(numbers.encode() in read("strong.png"), "which the text has", numbers)
    run(*NOISE, "--like", "strong.png", "-ss", 0.04, "-img_out", "like.png", "--log", "log")
    check(read_log("log")[0]["ml"] == numbers, "--like takes the numbers", read_log("log")[0]["ml"])
    for count in (2, 3):
        check(dream("ranks.png", words, start=ranks(count)) == first, f"the same on {count} ranks")
    text = run(*NOISE[:-1], "-ml", words, "-img_out", "plan.png", "--dry-run")
    check(re.search(r"\n  samples +0\.\d+ GiB ", text), "the plan counts the ranking", text)


def ranked_once():
    """A picture that has changed meanwhile would be ranked otherwise: the checkpoint has the numbers."""
    flags = (*NOISE[:6], 6, *NOISE[7:], "-ml", "mixed1:strong6", "--log", "log")
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *flags, "-img_out", "out.png")
    check(code == STOPPED, "it stops", code, text)
    numbers = read_log("log")[0]["ml"]
    text = run(*flags[:-2], "-img_out", "out.png", "--dry-run")
    check(re.search(r"channels +ranked \(as in the checkpoint\)", text) and "samples" not in text,
          "its plan ranks nothing", text)
    run(*flags, "-img_out", "out.png")
    check(read_log("log")[0]["ml"] == numbers, "the same command goes on with the same channels")
    run(*flags, "-img_out", "whole.png")
    check(pixels("out.png") == pixels("whole.png"), "to the same picture")


def shares(log):
    """Of the guide, by layer: not negative, and 1 together."""
    found = read_log(log)[0]["guide_channels"]
    for layer, numbers in found.items():
        check(min(numbers) >= 0 and abs(sum(numbers) - 1) < 1e-12, f"the shares of {layer}", numbers)
    return found


def guided():
    shutil.copy(PHOTO, "guide.png")
    flags = ("--guide", "guide.png,channels")
    first = dream("guided.png", "mixed0,mixed1@l2:3", *flags, "--log", "log")
    found = shares("log")
    check({layer: len(of) for layer, of in found.items()} == {"mixed0": 256}, "layers with @l2 have no guide", found)
    weights = ",".join(f"{c}={found['mixed0'][c]!r}" for c in range(10) if found["mixed0"][c] > 0)
    check(dream("part.png", "mixed0:0-9", *flags) == dream("weights.png", f"mixed0@l2:{weights}"),
          "ten channels of it are squares with these weights", weights)
    check(dream("l2.png", "mixed0@l2,mixed1@l2:3") != first, "and not as plain squares")
    dream("reference.png", "mixed0,mixed1@l2:3", *flags, "--log", "log", "--backend", "reference")
    exact = shares("log")["mixed0"]
    worst = max(abs(a - b) for a, b in zip(exact, found["mixed0"]))
    check(worst < 1e-5 * max(exact), "in fp32 nearly the shares of float64", worst, max(exact))
    run(*NOISE, "--like", "guided.png", "-img_out", "like.png")
    check(pixels("like.png") == first, "--like measures the same guide")
    text = run(*NOISE[:-1], "-ml", "mixed0", *flags, "-img_out", "plan.png", "--dry-run")
    check(re.search(r"\n  samples +0\.\d+ GiB ", text), "the plan counts the guide", text)
    planned = float(re.search(r"\n  all +(\d+\.\d+) GiB ", text).group(1))
    dream("little.png", "mixed0", *flags, "--memory", f"{planned * 1.1 * 1024:.0f}MiB")
    text = run(*NOISE, "-ml", "mixed0", *flags, "-img_out", "no.png", "--memory", f"{planned * 0.7 * 1024:.0f}MiB", code=2)
    check("memory" in text, "less than was planned is refused", text)


def guided_on_any_ranks():
    exact = ("--guide", PHOTO, "--halo", "exact", "--backend", "reference")
    found = {dream("out.png", "mixed0,mixed1:0-40=2", *exact, "-ts", tile, start=ranks(count))
             for tile, count in ((512, 1), (64, 2), (96, 3))}
    check(len(found) == 1, f"{len(found)} pictures on 1 to 3 ranks with three tile sizes")


def matched():
    """Units of the guide in the log, and what draws the same or otherwise."""
    flags = ("--guide", f"{PHOTO},match")
    first = dream("matched.png", "mixed0,mixed1@l2:3", *flags, "--log", "log")
    found = read_log("log")[0]["guide_units"]
    check(set(found) == {"mixed0"} and re.fullmatch(r"[0-9a-f]{8}", found["mixed0"]["crc32"]), "units in the log", found)
    check(found["mixed0"]["cols"] * found["mixed0"]["rows"] > 1000, "as many as the guide has", found)
    check(b"png,match" in read("matched.png"), "the picture's text")
    check(dream("channels.png", "mixed0,mixed1@l2:3", "--guide", PHOTO) != first, "channels draw something else")
    run(*NOISE, "--like", "matched.png", "-img_out", "like.png")
    check(pixels("like.png") == first, "--like matches the same guide")
    whole = dream("whole.png", "mixed0", *flags)
    check(dream("all.png", "mixed0:0-255", *flags) == whole, "all channels are the layer")
    check(dream("part.png", "mixed0:0-9", *flags) != whole, "some are not")
    text = run(*NOISE[:-1], "-ml", "mixed0", *flags, "-img_out", "plan.png", "--dry-run")
    planned = float(re.search(r"\n  all +(\d+\.\d+) GiB ", text).group(1))
    check(re.search(r"\n  guide +\S+,match", text), "the plan names the way", text)
    dream("little.png", "mixed0", *flags, "--memory", f"{planned * 1.1 * 1024:.0f}MiB")
    text = run(*NOISE, "-ml", "mixed0", *flags, "-img_out", "no.png", "--memory", f"{planned * 0.7 * 1024:.0f}MiB", code=2)
    check("memory" in text, "less than was planned is refused", text)


def matched_on_any_ranks():
    run("-img", PHOTO, "-img_max_dim", 120, "-os", 0, "-img_out", "guide.png", "--quiet", "-or", 0, 1)
    exact = ("--guide", "guide.png,match", "--halo", "exact", "--backend", "reference")
    found = {dream("out.png", "mixed0:0-40=2,50-255", *exact, "-ts", tile, start=ranks(count))
             for tile, count in ((512, 1), (64, 2), (96, 3))}
    check(len(found) == 1, f"{len(found)} pictures on 1 to 3 ranks with three tile sizes")


def guided_goes_on(way):
    """Without the guide's picture: the checkpoint has what is known of it."""
    known = "guide_units" if way == "match" else "guide_channels"
    shutil.copy(PHOTO, "guide.png")
    flags = (*NOISE[:6], 6, *NOISE[7:], "-ml", "mixed0", "--guide", f"guide.png,{way}", "--log", "log")
    run(*flags, "-img_out", "whole.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *flags, "-img_out", "out.png")
    check(code == STOPPED, "it stops", code, text)
    before = read_log("log")[0][known]
    os.remove("guide.png")
    text = run("--resume", SAVED, "--guide", "guide.png" + ("" if way == "match" else ",match"), code=2)
    check("--guide" in text, "a resumed render keeps the guide's way", text)
    run("--resume", SAVED, "--quiet", start=ranks(2))
    check(read_log("log")[0][known] == before, "what the checkpoint knows")
    check(pixels("out.png") == pixels("whole.png"), "it goes on to the same picture")


def guides_refused():
    run("-img", PHOTO, "-img_max_dim", 70, "-os", 0, "-img_out", "small.png", "--quiet", "-or", 0, 1)
    for flags, words in ((("--guide", "small.png,match"), "70 x 47 pixels, and Inception V3 takes no picture below 75"),
                         (("--guide", "none.png"), "none.png: cannot be read"),
                         (("--guide", PHOTO, "--objective", "l2"), "a guide has its own objective"),
                         (("--guide", "no.png"), "-img_out would overwrite no.png, which --guide reads")):
        text = run(*NOISE, "-ml", "mixed0", *flags, "-img_out", "no.png", code=2)
        check(words in text, words, text)
    text = run(*NOISE, "-ml", "mixed0@l2", "--guide", PHOTO, "-img_out", "no.png", code=2)
    check("every layer has its own @mean or @l2" in text, "a guide for no layer", text)


def refused():
    for layers, words in (("mixed1:288", "mixed1 has no channel 288: it has 288, 0 to 287"),
                          ("mixed1:3,1-5", "a channel of mixed1 is named twice"),
                          ("mixed1:a", "'a' is not a channel of mixed1"),
                          ("mixed1:5-2", "'5-2' is not a channel of mixed1"),
                          ("mixed1:5=0", "the weight '0' of a channel"),
                          ("mixed1@most", "take mixed1@mean or mixed1@l2"),
                          ("mixed1:strong289", "mixed1 has 288 channels, and 289 are asked for"),
                          ("mixed1:strong3,strong2", "strong channels of mixed1 are asked for twice"),
                          ("mixed1:strong", "'strong' is not a channel of mixed1"),
                          ("mixed1,5", "channels come as mixed1:5")):
        text = run(*NOISE, "-ml", layers, "-img_out", "no.png", code=2)
        check(re.search(words, text), f"-ml {layers}: {words}", text)


with folder():
    channels_of_a_layer()
    squares()
    any_ranks_and_tiles()
    goes_on()
    recorded()
    ranked_channels()
    ranked_once()
    guided()
    guided_on_any_ranks()
    guided_goes_on("channels")
    matched()
    matched_on_any_ranks()
    guided_goes_on("match")
    guides_refused()
    refused()
