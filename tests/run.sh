#!/usr/bin/env bash
# Runs every test. On Debian it installs Chromium first where it is missing. The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

find_chromium() {
  local candidate
  for candidate in "${CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
    if [ -x "$candidate" ]; then echo "$candidate"; return; fi
  done
  return 1
}

install_chromium() {
  local root=()
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      echo "Chromium is missing: run 'apt-get install chromium' as root, or name one with the environment variable CHROMIUM." >&2
      return 1
    fi
    root=(sudo)
  fi
  if ! command -v apt-get >/dev/null; then
    echo "Chromium is missing and this system has no apt-get: install it and name it with the environment variable CHROMIUM." >&2
    return 1
  fi
  "${root[@]}" apt-get update -qq
  # A half-finished installation can be completed; then once more.
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium ||
    { "${root[@]}" apt-get -f install -y -qq && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; }
}

find_chromium >/dev/null || install_chromium || exit 1
CHROMIUM=$(find_chromium) || { echo "Chromium could not be installed: name one with the environment variable CHROMIUM." >&2; exit 1; }
export CHROMIUM

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet build PersonalLlm.Web.sln -m:2 -v q -nologo -p:OnnxRuntime=true || exit 1

status=0
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  # Measurements are started by hand; they prove nothing that can fail.
  grep -q Microsoft.NET.Test.Sdk "$project" || continue
  dotnet test "$project" --no-build -v q --logger "console;verbosity=minimal" --logger "trx;LogFileName=$results/$name.trx" || status=1
  # A project that dies before it can report must not pass as one without tests.
  [ -s "$results/$name.trx" ] || { echo "$name wrote no results." >&2; status=1; }
done

# <Counters total="3" executed="2" passed="2" failed="0" …>, one line for each project; what was neither passed nor failed was skipped.
sum() { grep -ho '<Counters [^>]*>' "$results"/*.trx 2>/dev/null | grep -o " $1=\"[0-9]*" | awk -F'"' '{ n += $2 } END { print n + 0 }'; }
total=$(sum total) passed=$(sum passed) failed=$(sum failed)
[ "$failed" = 0 ] && [ "$total" != 0 ] || status=1
echo "$passed passed, $failed failed, $((total - passed - failed)) skipped"
exit "$status"
