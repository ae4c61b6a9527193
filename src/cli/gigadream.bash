# Completion of gigadream's flags and their values, for bash-completion.

_gigadream_layers()
{
    local i part names="mixed9_0 mixed9_1 concatenate concatenate_1"
    local -a list
    if [[ " ${COMP_WORDS[*]} " == *" inceptionV1 "* ]]; then
        names="conv1/7x7_s2 conv2/3x3_reduce conv2/3x3"
        for i in 3a 3b 4a 4b 4c 4d 4e 5a 5b; do
            for part in output 1x1 3x3_reduce 3x3 5x5_reduce 5x5 pool pool_proj; do
                names+=" inception_$i/$part"
            done
        done
    elif [[ " ${COMP_WORDS[*]} " == *" inceptionResNet "* ]]; then
        names="mixed_5b mixed_6a mixed_7a"
        for ((i = 1; i <= 20; i++)); do
            ((i <= 10)) && names+=" block35_${i}_mixed block8_${i}_mixed"
            names+=" block17_${i}_mixed"
        done
    else
        for ((i = 0; i <= 10; i++)); do
            names+=" mixed$i"
        done
    fi
    read -ra list <<< "$names"
    local done="" last="$1"
    if [[ $1 == *,* ]]; then
        done="${1%,*},"
        last="${1##*,}"
    fi
    mapfile -t COMPREPLY < <(compgen -P "$done" -W "${list[*]}" -- "$last")
}

# flags: begin; tests/options/test_tables.py --write makes what follows of src/options/flags.def
# FLAG: sets what completes its value: words, and files or folders.
_gigadream_values()
{
    words="" files=""
    case "$1" in
        -img | --input) words="random_noise" files=f ;;
        --bits) words="8 16" ;;
        --compression) words="deflate lzw zstd jpeg none" ;;
        --bigtiff) words="auto always never" ;;
        --pyramid) words="on off" ;;
        -img_out | --output) words="none" files=f ;;
        -m | --model) words="inceptionV3 inceptionResNet inceptionV1" ;;
        --objective) words="mean l2" ;;
        --guide) files=f ;;
        -or | --octaves) words="auto" ;;
        --normalize) words="deviation laplacian" ;;
        --mask) words="none" files=f ;;
        --like) files=f ;;
        --preset) words="eyes lines folds scales feathers calm dogs scenes" files=f ;;
        --flow) words="none" files=f ;;
        -ts | --tile) words="auto" ;;
        --halo) words="auto exact" ;;
        --compat) words="tensorflow none" ;;
        --backend) words="auto cuda cpu reference" ;;
        --precision) words="auto bf16 fp16 tf32 fp32" ;;
        --weights) words="bundled official" files=f ;;
        --replay) files=f ;;
        --scratch) files=d ;;
        --transport) words="auto mpi nccl" ;;
        --preview) files=f ;;
        --web) files=d ;;
        --log) files=f ;;
        --save-parameters) files=f ;;
        --checkpoint) files=f ;;
        --checkpoint-every) words="10min 100steps octave" ;;
        --resume) files=f ;;
        --sheet) words="layers" files=f ;;
        --device) words="a100 b200 h100 h200 rtx4090" files=f ;;
        --print | --size | -img_max_dim | --max-dim | --dpi | -ml | --layers | -osc | --octave-scale | -os | --steps | -ss | --step-size | --smooth | --tv | --strength | --seed | --frames | --blend | --zoom | --rotate | --shift | --threads | --memory | --preview-every | --web-quality | --ranks) ;;
        *) return 1 ;;
    esac
}

_gigadream_flags=(-img --input --print --size -img_max_dim --max-dim --enlarge --no-final-resize --dpi --bits --compression --bigtiff --pyramid -img_out --output --overwrite -save_input --save-input -m --model -ml --layers --objective --guide -or --octaves -osc --octave-scale -os --steps -ss --step-size --normalize --smooth --tv --keep-detail --keep-colors --strength --mask --like --preset --seed --frames --blend --flow --zoom --rotate --shift --seed-per-frame -ts --tile --halo --compat --backend --precision --autotune --weights --replay --threads --memory --scratch --transport --share-gpu --preview --preview-every --web --web-quality --web-private --log --save-parameters --quiet --checkpoint --checkpoint-every --resume --restart --trust --proof --sheet --dry-run --ranks --device --device-info --dump-tape -h --help --version)
# flags: end

_gigadream()
{
    local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}" words files
    COMPREPLY=()
    if [[ $before == -ml || $before == --layers ]]; then
        _gigadream_layers "$current"
    elif _gigadream_values "$before"; then
        [ -z "$files" ] || compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; [ -z "$files" ] || compgen "-$files" -- "$current")
    elif [[ $current == @* ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -P @ -f -- "${current#@}")
    else
        mapfile -t COMPREPLY < <(compgen -W "${_gigadream_flags[*]}" -- "$current")
    fi
}

complete -F _gigadream gigadream
