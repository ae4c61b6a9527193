# Completion of gigadream's flags and their values, for bash-completion.

_gigadream_layers()
{
    local i names="mixed9_0 mixed9_1 concatenate concatenate_1"
    local -a list
    if [[ " ${COMP_WORDS[*]} " == *" inceptionResNet "* ]]; then
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

_gigadream()
{
    local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}"
    local flags="-img --input --size -img_max_dim --max-dim --enlarge -img_out --output --overwrite -save_input --save-input
        --no-final-resize --print --dpi --bits --compression --pyramid --bigtiff --preview --preview-every -m --model -ml --layers -or --octaves -osc --octave-scale -os --steps -ss --step-size
        --keep-detail --seed -ts --tile --halo --compat --backend --precision --threads --memory --scratch --transport --autotune --share-gpu
        --weights --log --replay --quiet --checkpoint
        --checkpoint-every --resume --restart --trust --proof --dry-run --device --ranks --device-info --dump-tape -h --help --version"
    COMPREPLY=()
    case "$before" in
        -img | --input)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -W "random_noise" -- "$current"; compgen -f -- "$current") ;;
        -img_out | --output | --preview | --log | --replay | --checkpoint | --resume)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        --scratch)
            compopt -o dirnames
            mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        --weights)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -W "bundled official" -- "$current"; compgen -f -- "$current") ;;
        -m | --model) mapfile -t COMPREPLY < <(compgen -W "inceptionV3 inceptionResNet" -- "$current") ;;
        -ml | --layers) _gigadream_layers "$current" ;;
        --bits) mapfile -t COMPREPLY < <(compgen -W "8 16" -- "$current") ;;
        --compression) mapfile -t COMPREPLY < <(compgen -W "deflate lzw zstd jpeg none" -- "$current") ;;
        --pyramid) mapfile -t COMPREPLY < <(compgen -W "on off" -- "$current") ;;
        --bigtiff) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$current") ;;
        --halo) mapfile -t COMPREPLY < <(compgen -W "auto exact" -- "$current") ;;
        --compat) mapfile -t COMPREPLY < <(compgen -W "tensorflow" -- "$current") ;;
        --backend) mapfile -t COMPREPLY < <(compgen -W "auto cuda cpu reference" -- "$current") ;;
        --precision) mapfile -t COMPREPLY < <(compgen -W "auto bf16 fp16 tf32 fp32" -- "$current") ;;
        --checkpoint-every) mapfile -t COMPREPLY < <(compgen -W "10min 100steps octave" -- "$current") ;;
        --transport) mapfile -t COMPREPLY < <(compgen -W "auto mpi nccl" -- "$current") ;;
        -or | --octaves | -ts | --tile) mapfile -t COMPREPLY < <(compgen -W "auto" -- "$current") ;;
        --device)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -W "a100 b200 h100 rtx4090" -- "$current"; compgen -f -- "$current") ;;
        --size | -img_max_dim | --max-dim | -osc | --octave-scale | -os | --steps | -ss | \
            --step-size | --seed | --print | --dpi | --preview-every | --threads | --memory | --ranks) ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current") ;;
    esac
}

complete -F _gigadream gigadream
