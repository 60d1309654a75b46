# What the scripts of strangers share: sourced inside a Debian, after `set -uo pipefail`.
# shellcheck shell=bash
passed=0
failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A stranger has none of these.
unset TRILLET_LIBRARY TRILLET_SANDBOX TRILLET_TEST_SEED

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
prints() { # prints TEXT command…: the command succeeds and TEXT is in its output
    local text=$1
    shift
    timeout 240 "$@" >"$scratch/output" 2>&1 || { cat "$scratch/output"; return 1; }
    cat "$scratch/output"
    grep -qF -- "$text" "$scratch/output"
}
block() { # block LANGUAGE NUMBER: the README's code block of that language, counted from 1
    awk -v opening='```'"$1" -v closing='```' -v wanted="$2" '
        $0 == closing { inside = 0 }
        inside && count == wanted
        $0 == opening { inside = 1; count++ }' /project/README.md
}
close_checks() {
    echo "$passed passed, $failed failed"
    [[ $failed -eq 0 ]]
}
