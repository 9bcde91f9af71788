#!/usr/bin/env bash
# All that the workflows run; any other pipeline can call it. README.md says which identity each command gets.
#
#   pipeline.sh scope BASE HEAD   take the data files of HEAD into this checkout of BASE; fail if HEAD changes more
#   pipeline.sh check             compare the states of the incidents of this checkout with what may be in them
#   pipeline.sh preview NAME…     preview these incidents, strictly and without the stacks' state
#   pipeline.sh up                cancel what the incidents of this checkout declare
#   pipeline.sh drift             compare the incidents with their state and with Defender
#   pipeline.sh audit             look for cancellations that nobody declared
#   pipeline.sh report FOLDER     write the state of every stack, and a report of it, to a folder
#   pipeline.sh message FOLDER    send a summary of the states in that folder to Teams and Slack
#   pipeline.sh quote FILE        a log as Markdown that shows it as it is
#
# An incident NAME is the file incidents/NAME.yaml and the stack NAME. Paths count from this folder.
set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C.UTF-8
# A fresh checkout has no Pulumi.NAME.yaml: the stack's secrets provider is the one that its state names.
export PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true PULUMI_SKIP_UPDATE_CHECK=true
# A state can name a plugin and where to download it: the CLI would run it with the token at hand.
export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly name_pattern='[a-z0-9][a-z0-9-]{0,62}'

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

defender-cancellation() {
    node_modules/.bin/defender-cancellation "$@"
}

# A folder outside the checkout, gone at the end.
scratch=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/pipeline.XXXXXXXX")
trap 'rm -rf "$scratch"' EXIT

# The names of the incidents in this checkout, one a line.
incidents() {
    local file name
    for file in incidents/*; do
        name=$(basename "$file" .yaml)
        if [[ ! -f $file || -L $file || ! "${file#incidents/}" =~ ^$name_pattern\.yaml$ ]]; then
            fail "$file: an incident is a regular file incidents/NAME.yaml, NAME of small letters, digits and hyphens"
        fi
        printf '%s\n' "$name"
    done
}

# The names of the stacks of this project, one a line, of incidents that are over too.
stacks() {
    pulumi stack ls --json --non-interactive |
        node -e 'for (const { name } of JSON.parse(require("node:fs").readFileSync(0, "utf8"))) console.log(name.split("/").at(-1));'
}

# The guard's text comes from the pipeline's owner, never from this checkout, and so its file lies elsewhere.
write_guard() {
    if [[ -n ${GUARD:-} ]]; then
        printf '%s\n' "$GUARD" >"$scratch/guard.yaml"
        export DEFENDER_GUARD=$scratch/guard.yaml
    fi
}

# Pulumi acts on a state, with the identity at hand: what is in it is compared first. It reads no credential.
has_sound_state() {
    defender-cancellation doctor --offline --stack "$1" >&2
}

check() {
    local name names existing failed=0
    names=$(incidents)
    existing=$(stacks)
    for name in $names; do
        if grep -qxF -e "$name" <<<"$existing"; then
            say "== $name"
            has_sound_state "$name" || failed=1
        fi
    done
    return $failed
}

scope() {
    local base head fork change path new_mode status changed=()
    base=$(git rev-parse --verify --quiet --end-of-options "$1^{commit}") || fail "there is no commit $1"
    head=$(git rev-parse --verify --quiet --end-of-options "$2^{commit}") ||
        fail "there is no commit $2 in this clone: pull requests from forks are not previewed"
    fork=$(git merge-base "$base" "$head") || fail "the two commits have no history in common"
    git diff-tree -r -z --no-renames --ignore-submodules=none "$fork" "$head" >"$scratch/changes"
    while IFS= read -r -d '' change && IFS= read -r -d '' path; do
        read -r _ new_mode _ _ status <<<"$change"
        if [[ ! $path =~ ^incidents/$name_pattern\.yaml$ ]]; then
            fail "this pull request touches $(printf '%q' "$path"): beside files incidents/NAME.yaml nothing may change"
        fi
        if [[ ! $status$new_mode =~ ^([AM]100644|D000000)$ ]]; then
            fail "$path: an incident is a regular file, not executable, no link and no submodule"
        fi
        if [[ -n $(git diff-tree -r --no-renames "$fork" "$base" -- "$path") ]]; then
            fail "$path has changed on the base branch since: merge the base branch into this one"
        fi
        changed+=("$status$path")
    done <"$scratch/changes"
    mkdir -p incidents
    for path in "${changed[@]}"; do
        status=${path:0:1} path=${path:1}
        if [[ $status == D ]]; then
            rm -f "$path"
            say "$path is taken away: the incident is over. Its stack and its record stay."
        else
            git cat-file blob "$head:$path" >"$path"
            basename "$path" .yaml
        fi
    done
}

preview() {
    local name failed=0
    for name in "$@"; do
        [[ $name =~ ^$name_pattern$ && -f incidents/$name.yaml ]] || fail "there is no incident $(printf '%q' "$name")"
    done
    defender-cancellation doctor --as reader >&2
    write_guard
    mkdir "$scratch/backend"
    # What would be cancelled is asked of Defender, not of the state. So a preview needs no access to it.
    export PULUMI_BACKEND_URL=file://$scratch/backend PULUMI_CONFIG_PASSPHRASE='' DEFENDER_PREFLIGHT=strict
    for name in "$@"; do
        pulumi stack init "$name" --no-select --non-interactive
        pulumi preview --stack "$name" --non-interactive --color never || failed=1
        # It belongs to the empty backend, and would stand in the way of an `up` in this checkout.
        rm -f "Pulumi.$name.yaml"
    done
    return $failed
}

up() {
    local name names failed=0
    write_guard
    [[ -n ${DEFENDER_GUARD:-} ]] || fail "no guard: GUARD holds its text, DEFENDER_GUARD names its file (docs/guard.md)"
    defender-cancellation doctor --as canceller >&2
    names=$(incidents)
    for name in $names; do
        say "== $name"
        pulumi stack select "$name" --create --non-interactive \
            ${SECRETS_PROVIDER:+--secrets-provider "$SECRETS_PROVIDER"} &&
            has_sound_state "$name" &&
            pulumi up --stack "$name" --yes --refresh --run-program --continue-on-error --non-interactive --color never ||
            failed=1
    done
    return $failed
}

drift() {
    local name names existing failed=0
    defender-cancellation doctor --as reader >&2
    names=$(incidents)
    existing=$(stacks)
    : >"$scratch/drifted"
    for name in $names; do
        say "== $name"
        if ! grep -qxF -e "$name" <<<"$existing"; then
            say "declared, and not applied yet"
            failed=1
            continue
        fi
        : >"$scratch/drift"
        has_sound_state "$name" &&
            pulumi preview --stack "$name" --refresh --run-program --expect-no-changes --diff --non-interactive --color never \
                2>&1 | tee "$scratch/drift" ||
            failed=1
        drifted "$name" <"$scratch/drift" >>"$scratch/drifted"
    done
    # The differences of a large set are long, and the end of a log is what is read.
    cat "$scratch/drifted"
    return $failed
}

# The lines in which a refresh names the machines that drifted, under the name of the incident.
drifted() {
    awk -v name="$1" '
        /^warning: .*(not Cancelled|issued again)/ && !/up will fail/ { if (!found++) print "Drift of " name ":"; on = 1; print; next }
        on && /^(  [^ ]|[0-9]+ (not Cancelled|issued again))/ { print; next }
        { on = 0 }'
}

audit() {
    local name names options=(--since "${AUDIT_SINCE:-24h}")
    names=$(stacks)
    for name in $names; do
        options+=(--stack "$name")
    done
    if [[ -d incidents ]]; then
        options+=(--declared incidents)
    fi
    if [[ -n ${CANCELLER_CLIENT_ID:-} ]]; then
        options+=(--canceller "$CANCELLER_CLIENT_ID")
    fi
    defender-cancellation audit "${options[@]}"
}

report() {
    local folder=$1 name file failed=0
    mkdir -p "$folder"
    stacks >"$folder/stacks.txt"
    while IFS= read -r name; do
        file=$folder/$name
        pulumi stack export --stack "$name" --non-interactive >"$file.state.json" </dev/null &&
            defender-cancellation report --state "$file.state.json" --format json --output "$file.json" &&
            defender-cancellation report --state "$file.state.json" --format html --output "$file.html" ||
            failed=1
    done <"$folder/stacks.txt"
    return $failed
}

# Sends what `report --format chat` says about the states that `report` has written. The URL of a webhook lets everybody
# who has it send messages, so it comes from the environment: curl reads it from a file outside the checkout, not from
# its arguments. A message that cannot be sent is a line in the log, and never the result of a run.
message() {
    local folder=$1 name states=("$1"/*.state.json)
    if [[ ${#states[@]} -eq 0 ]] ||
        ! defender-cancellation report --state "${states[@]}" --format chat >"$scratch/message.txt"; then
        say "no message: the states in $folder cannot be read"
        return 0
    fi
    for name in TEAMS_WEBHOOK_URL SLACK_WEBHOOK_URL; do
        if [[ -n ${!name:-} ]]; then
            if message_body "$name" >"$scratch/message.json" &&
                curl_options "$name" >"$scratch/curl.txt" &&
                curl --config "$scratch/curl.txt" --header 'Content-Type: application/json' \
                    --data-binary "@$scratch/message.json" >/dev/null; then
                say "$name: the message is sent"
            else
                say "$name: the message was not sent"
            fi
        fi
    done
}

# The JSON that the webhook of this variable takes. No format in it is Markdown: Teams shows a text run, and Slack
# plain_text (at most 3,000 characters), as it is.
# https://adaptivecards.io/explorer/TextRun.html, https://docs.slack.dev/reference/block-kit/composition-objects/text-object
message_body() {
    node - "$1" "$scratch/message.txt" <<'EOF'
const [kind, file] = process.argv.slice(2);
const text = require("node:fs").readFileSync(file, "utf8").trimEnd().slice(0, 2900);
const paragraph = (line) => ({ type: "RichTextBlock", inlines: [{ type: "TextRun", text: line }] });
const content = { type: "AdaptiveCard", version: "1.4", body: text.split("\n").map(paragraph) };
const card = { contentType: "application/vnd.microsoft.card.adaptive", content };
const section = { type: "section", text: { type: "plain_text", text, emoji: false } };
const body = kind.startsWith("TEAMS") ? { type: "message", attachments: [card] } : { text, blocks: [section] };
console.log(JSON.stringify(body));
EOF
}

# The options of curl for the URL in this variable: https alone, but for a receiver on this machine.
curl_options() {
    node - "$1" <<'EOF'
const [name] = process.argv.slice(2);
const url = URL.parse(process.env[name]);
const isLocal = ["127.0.0.1", "[::1]", "localhost"].includes(url?.hostname);
if (url?.protocol !== "https:" && !(isLocal && url?.protocol === "http:")) {
    console.error(`${name}: expected a URL that begins with https://`);
    process.exit(1);
}
// A URL of this class has no quotation mark, backslash or line break.
console.log(`url = "${url.href}"\nfail\nsilent\nshow-error\nmax-time = 30\nproto = "=${url.protocol.slice(0, -1)}"`);
EOF
}

# Every line is indented, so nothing in it is Markdown or a mention. The end of it says most, and GitHub takes 65,536
# characters.
quote() {
    tr -d '\000-\010\013-\037\177' <"$1" | cut -b 1-4000 | sed 's/^/    /' >"$scratch/quoted"
    if [[ $(wc -c <"$scratch/quoted") -gt 60000 ]]; then
        printf 'The beginning is in the log of the run.\n\n'
        # The first line that is left lacks its indentation.
        tail -c 60000 "$scratch/quoted" | sed 1d >"$scratch/end"
        mv "$scratch/end" "$scratch/quoted"
    fi
    # A character that was cut is left out.
    iconv -c -f UTF-8 -t UTF-8 <"$scratch/quoted" || true
}

case "${1:-}:$#" in
    scope:3 | report:2 | message:2 | quote:2 | check:1 | up:1 | drift:1 | audit:1 | preview:*) "$@" ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 64 ;;
esac
