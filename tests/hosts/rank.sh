#!/bin/sh
# rank.sh FOLDER PROGRAM ARGUMENTS...: a rank whose sentences stay on its own host, whatever becomes of the network.
folder=$1
shift
exec "$@" 2>"$folder/$(hostname).err"
