# What the scripts of users and strangers share: sourced after `set -uo pipefail`.
# shellcheck shell=bash
readme=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../README.md")
passed=0
failed=0
scratch=$(mktemp -d)
# The process of a sandbox that ends with the script.
sandbox=
trap '[[ -n $sandbox ]] && kill "$sandbox" 2>/dev/null; rm -rf "$scratch"' EXIT

check() { # check "sentence" command…
    local sentence=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $sentence"
        tail -n 20 "$scratch/log" | sed 's/^/    /'
    fi
}
in_time() { # in_time command…: a program gets four minutes; a function has its own limits
    if [[ $(type -t "$1") == function ]]; then "$@"; else timeout 240 "$@"; fi
}
prints() { # prints TEXT command…: the command succeeds and TEXT is in its output
    local text=$1
    shift
    in_time "$@" >"$scratch/output" 2>&1 || { cat "$scratch/output"; return 1; }
    cat "$scratch/output"
    grep -qF -- "$text" "$scratch/output"
}
block() { # block LANGUAGE NUMBER: the README's code block of that language, counted from 1
    awk -v opening='```'"$1" -v closing='```' -v wanted="$2" '
        $0 == closing { inside = 0 }
        inside && count == wanted
        $0 == opening { inside = 1; count++ }' "$readme"
}
close_checks() {
    echo "${1:-}$passed passed, $failed failed"
    [[ $failed -eq 0 ]]
}
