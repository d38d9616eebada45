# Debian packages. Sourced by run, which defines root, say and fail.
# shellcheck shell=bash

# The packages of the list, one a line; `a | b` stays on one line.
wantedPackages()
{
    sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$root/resources/pins/debian-packages.txt"
}

# Prints those of the list that are not installed; asks dpkg once, so that a complete machine costs milliseconds.
missingPackages()
{
    local installed line name
    # dpkg-query fails where it does not know a name; what it knows it prints all the same
    # shellcheck disable=SC2046  # package names, split on purpose
    installed=" $({ dpkg-query -W -f='${db:Status-Status} ${Package}\n' $(wantedPackages | tr '|' ' ') 2>/dev/null ||
        true; } | sed -n 's/^installed //p' | tr '\n' ' ')"
    while read -r line; do
        for name in ${line//|/ }; do
            [[ $installed == *" $name "* ]] && continue 2
        done
        echo "$line"
    done < <(wantedPackages)
}

# The first alternative that apt knows, or the first of all.
choosePackage()
{
    local name
    for name in ${1//|/ }; do
        apt-cache show "$name" >/dev/null 2>&1 && break
        name=${1%% *}
    done
    echo "$name"
}

setUpPackages()
{
    [[ ${APIARY_SKIP_PACKAGES:-} ]] && return
    local system=unknown missing names=() as=()
    [[ -r /etc/os-release ]] && system=$(. /etc/os-release && echo "$ID $VERSION_ID")
    case $system in
    "debian 12" | "ubuntu 24.04") ;;
    *)
        say "This is $system; Apiary's set-up is made for Debian 12 and Ubuntu 24.04."
        command -v dpkg-query >/dev/null ||
            fail "Install the counterparts of resources/pins/debian-packages.txt, then run again with APIARY_SKIP_PACKAGES=1."
        ;;
    esac

    mapfile -t missing < <(missingPackages)
    ((${#missing[@]})) || return 0
    say "Missing packages: ${missing[*]}"
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "Neither root nor sudo here: ask for   apt-get install ${missing[*]%% *}"
        as=(sudo)
        [[ -t 0 ]] || as=(sudo -n)
    fi
    say "Installing them with ${as[*]:+${as[*]} }apt-get"
    "${as[@]}" apt-get update -q || say "The package lists could not be refreshed; trying with those at hand."
    for line in "${missing[@]}"; do names+=("$(choosePackage "$line")"); done
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${names[@]}" ||
        fail "Packages could not be installed. By hand:   apt-get install ${names[*]}"
}
