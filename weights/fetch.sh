#!/usr/bin/env bash
# fetch.sh [-d FOLDER] [inceptionV3] [inceptionResNet] [googlenet] [places365] [inception5h]: downloads the published
# weights named (the first two when none is) to where gigadream looks for them, and verifies their published checksums;
# the last three are of Inception V1, and none is published for places365. A download that
# was cut off goes on where it stopped. How far it is is shown: on a terminal as a bar, elsewhere as a line every 10
# seconds (GIGADREAM_FETCH_EVERY: other seconds). GIGADREAM_WEIGHTS_URL names a mirror; curl is needed.
set -euo pipefail

base=${GIGADREAM_WEIGHTS_URL:-https://storage.googleapis.com/tensorflow/keras-applications}
folder=${XDG_DATA_HOME:-$HOME/.local/share}/gigadream
sums=$(dirname "$0")/official.md5
others=$(dirname "$0")/official.sha256
mirror=${GIGADREAM_WEIGHTS_URL:-}
every=${GIGADREAM_FETCH_EVERY:-10}

die() {
    printf 'fetch.sh: %s\n' "$2" >&2
    exit "$1"
}

# matches FILE SUM: whether it is there, with this MD5 or SHA-256; -: any content.
matches() {
    local tool=md5sum
    [ ${#2} -le 32 ] || tool=sha256sum
    [ -s "$1" ] && { [ "$2" = - ] || [ "$("$tool" "$1" | cut -d ' ' -f 1)" = "$2" ]; }
}

# size FILE: its bytes; 0 when it is not there.
size() {
    stat -c %s "$1" 2>/dev/null || echo 0
}

# tell PART HEADERS BEFORE: a line now and then, until it is killed or this script is gone. HEADERS is what the server sent,
# for all that follows the first BEFORE bytes of PART. It waits for what never comes, since a sleep would outlive it.
tell() {
    local now rest never
    exec {never}<> <(:)
    while ! read -rt "$every" -u "$never" && kill -0 $$ 2>/dev/null; do
        now=$(size "$1")
        rest=$(tr -d '\r' <"$2" | awk 'tolower($1) == "content-length:" { rest = $2 } END { print rest + 0 }')
        if ((rest > 0)); then
            printf '%d of %d MB\n' $((now / 1000000)) $((($3 + rest) / 1000000))
        else
            printf '%d MB\n' $((now / 1000000))
        fi
    done
}

# download ADDRESS PART: goes on with PART, shows how far it is, and prints the server's status. curl's exit code.
download() {
    local code=0 headers teller=
    local -a meter=(--progress-bar)
    headers=$(mktemp)
    if [ ! -t 2 ]; then
        meter=(--no-progress-meter)
        tell "$2" "$headers" "$(size "$2")" >&2 &
        teller=$!
    fi
    curl --fail --location --retry 2 --connect-timeout 20 --speed-limit 1 --speed-time 60 "${meter[@]}" \
        --dump-header "$headers" --continue-at - --output "$2" --write-out '%{http_code}' "$1" || code=$?
    if [ -n "$teller" ]; then
        kill "$teller" 2>/dev/null || true
        wait "$teller" 2>/dev/null || true
    fi
    rm -f "$headers"
    return "$code"
}

# fetch ADDRESS SUM: the file at the address.
fetch() {
    local address=$1 sum=$2 target part resumed code http
    target=$folder/$(basename "$address")
    part=$target.part
    if matches "$target" "$sum"; then
        printf '%s is there already.\n' "$target"
        return
    fi
    while true; do
        resumed=false
        [ ! -s "$part" ] || resumed=true
        printf 'Downloading %s%s\n' "$address" "$($resumed && printf ' (going on)')"
        code=0
        http=$(download "$address" "$part") || code=$?
        if matches "$part" "$sum" && { [ "$sum" != - ] || [ "$code" = 0 ]; }; then
            mv -f "$part" "$target"
            [ "$sum" = - ] && printf '%s has arrived; no checksum of it is published.\n' "$target" ||
                printf '%s is whole: its checksum is the published one.\n' "$target"
            return
        fi
        # Whole but wrong, or what is here cannot be gone on with.
        case $code:$http in
        0:* | 22:416 | 33:* | 36:*) ;;
        22:*) die 1 "$address could not be downloaded (the server said $http); check the address." ;;
        23:*) die 1 "$part cannot be written; free some space, or name another folder with -d." ;;
        *) die 1 "$address could not be downloaded (curl's code $code); what has arrived stays in $part, and the \
same command goes on with it." ;;
        esac
        rm -f "$part"
        $resumed || die 1 "$address is not the published file: its checksum differs from $sum, so it was removed."
    done
}

# fetch_other NAME: a file that official.sha256 lists, from its own address or the mirror.
fetch_other() {
    local sum address
    read -r sum address < <(grep -F "$1" "$others") || die 1 "$others does not list $1."
    [ -z "$mirror" ] || address=$mirror/$1
    fetch "$address" "$sum"
}

# fetch_5h: TensorFlow's graph, which lies in an archive.
fetch_5h() {
    local graph=tensorflow_inception_graph.pb sum
    read -r sum _ < <(grep -F "$graph" "$others")
    if matches "$folder/$graph" "$sum"; then
        printf '%s is there already.\n' "$folder/$graph"
        return
    fi
    command -v unzip >/dev/null || die 1 "unzip is not installed (Debian: unzip)."
    fetch_other inception5h.zip
    unzip -p "$folder/inception5h.zip" "$graph" >"$folder/$graph.part" || true
    matches "$folder/$graph.part" "$sum" || die 1 "$folder/inception5h.zip does not hold the published $graph."
    mv -f "$folder/$graph.part" "$folder/$graph"
    rm -f "$folder/inception5h.zip"
    printf '%s is whole: its checksum is the published one.\n' "$folder/$graph"
}

names=()
while (($#)); do
    case $1 in
    -d)
        folder=${2:-}
        [ -n "$folder" ] || die 2 "-d needs the name of a folder."
        shift
        ;;
    inceptionV3) names+=(inception_v3/) ;;
    inceptionResNet) names+=(inception_resnet_v2/) ;;
    googlenet | places365 | inception5h) names+=("$1") ;;
    -h | --help)
        sed -n '2,6s/^# //p' "$0"
        exit
        ;;
    *) die 2 "$1 is not a network: name inceptionV3, inceptionResNet, googlenet, places365 or inception5h, or none for the first two." ;;
    esac
    shift
done
((${#names[@]})) || names=(inception_v3/ inception_resnet_v2/)
command -v curl >/dev/null || die 1 "curl is not installed (Debian: curl)."
mkdir -p "$folder" || die 1 "the folder $folder cannot be made; name another with -d."

for name in "${names[@]}"; do
    case $name in
    googlenet) fetch_other bvlc_googlenet.caffemodel ;;
    places365) fetch_other googlenet_places365.caffemodel ;;
    inception5h) fetch_5h ;;
    *)
        read -r sum path < <(grep -F "  $name" "$sums") || die 1 "$sums does not list $name."
        fetch "$base/$path" "$sum"
        ;;
    esac
done
