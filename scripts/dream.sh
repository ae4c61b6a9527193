#!/usr/bin/env bash
# An example to copy and edit: one parameter a line. Run it with the number of ranks, 1 when left out:
#     scripts/dream.sh 4
set -euo pipefail

ranks=${1:-1}
program=${GIGADREAM:-gigadream}

parameters=(
    -img photo.jpg          # the picture, or random_noise
    -img_out dream.tif      # .tif, .jpg or .png
    -img_max_dim 1024       # longest side in pixels
    -save_input             # also write the resized input
    -m inceptionV3          # network: inceptionV3, inceptionResNet or inceptionV1
    -ml 3 5                 # layers 3 and 4 of its list: mixed3 and mixed4
    -or -4 2                # octaves -4 .. 1
    -osc 1.2                # each 1.2 times as large as the one before
    -os 20                  # steps an octave
    -ss 0.01                # strength of a step
    -ts 2048                # tile size
    --halo auto             # how much tiles see around themselves: auto, exact or pixels
    --seed 1                # another number, another dream
    --log dream.jsonl       # what was done, step by step
)

if [ "$ranks" -gt 1 ]; then
    exec mpirun -n "$ranks" "$program" "${parameters[@]}"
fi
exec "$program" "${parameters[@]}"
