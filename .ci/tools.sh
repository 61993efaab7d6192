# What the checks need, installed if it is not there. Sourced by .ci/run.

cargo_deny_version=0.20.2

# retry <command>...: registries have bad minutes.
retry() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return
    echo "attempt $attempt of 3 failed: $*" >&2
    sleep $((attempt * 5))
  done
  return 1
}

# as_root <command>...: directly, or through sudo if that asks no password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  retry as_root apt-get update -q
  retry as_root apt-get install -q -y --no-install-recommends "$@"
}

# The real translation engine, with the pair the tests translate by.
install_apertium() {
  has_apertium || apt_install apertium apertium-eng-spa
  has_apertium
  echo "Hello, how are you?" | apertium eng-spa
}

has_apertium() {
  command -v apertium >/dev/null && grep -qw eng-spa <<<"$(apertium -l)"
}

# A virtual environment per list of versions, so that a changed list is installed afresh and an unchanged one not again.
install_python_tools() {
  local venv
  venv=$PARLANCE_CI_CACHE/python-$(sha256sum .ci/requirements.txt | cut -c 1-12)
  if [ ! -e "$venv/complete" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv" || { apt_install python3-venv && python3 -m venv "$venv"; }
    retry "$venv/bin/pip" install --quiet --requirement .ci/requirements.txt
    touch "$venv/complete"
  fi
  python=$venv/bin/python
  PATH=$venv/bin:$PATH
  sam --version
}

install_asyncapi_parser() {
  asyncapi_modules=$PARLANCE_CI_CACHE/asyncapi-$(sha256sum .ci/asyncapi/package-lock.json | cut -c 1-12)
  if [ ! -e "$asyncapi_modules/complete" ]; then
    mkdir -p "$asyncapi_modules"
    cp .ci/asyncapi/package.json .ci/asyncapi/package-lock.json "$asyncapi_modules"
    retry npm ci --prefix "$asyncapi_modules" --ignore-scripts --no-audit --no-fund --no-update-notifier
    touch "$asyncapi_modules/complete"
  fi
  node --version
}

# Its installation compiles C++, against the headers that come with Node where there are any.
install_node_runtime_client() {
  local client prefix
  client=$PARLANCE_CI_CACHE/node-$(sha256sum .ci/node/package-lock.json | cut -c 1-12)
  if [ ! -e "$client/complete" ]; then
    has_all cmake autoreconf libtoolize g++ make xz || apt_install cmake autoconf automake libtool g++ make xz-utils
    prefix=$(dirname "$(dirname "$(command -v node)")")
    if [ -e "$prefix/include/node/node_api.h" ]; then export npm_config_nodedir=$prefix; fi
    mkdir -p "$client"
    cp .ci/node/package.json .ci/node/package-lock.json "$client"
    retry npm ci --prefix "$client" --no-audit --no-fund --no-update-notifier
    touch "$client/complete"
  fi
  export GATEWAY_NODE_MODULES=$client/node_modules
}

# The Autobahn test suite runs on Python 2.7, which only older Debian has: unpacked into the cache, not installed. Leaves
# nothing when that Debian cannot be reached any more.
install_autobahn() {
  autobahn=$PARLANCE_CI_CACHE/autobahn-$(cat .ci/autobahn/{packages,requirements.txt,python2} | sha256sum | cut -c 1-12)
  [ ! -e "$autobahn/complete" ] || return 0
  rm -rf "$autobahn"
  mkdir -p "$autobahn/root"
  local sum file
  while read -r sum file; do
    curl --silent --show-error --fail --max-time 120 --retry 3 --output "$autobahn/package.deb" \
      "http://deb.debian.org/debian/$file" || return 0
    sha256sum --check --quiet <<<"$sum $autobahn/package.deb"
    dpkg-deb --extract "$autobahn/package.deb" "$autobahn/root"
  done <.ci/autobahn/packages
  cp .ci/autobahn/python2 "$autobahn"
  retry "$python" -m pip install --quiet --no-deps --target "$autobahn/pip" pip==20.3.4
  local install=("$autobahn/python2" -m pip install --quiet --no-deps --no-build-isolation --target "$autobahn/site")
  retry "${install[@]}" setuptools==44.1.1 wheel==0.37.1
  retry "${install[@]}" --requirement .ci/autobahn/requirements.txt
  # A namespace package can do without only where Python itself looks for packages.
  touch "$autobahn/site/zope/__init__.py"
  touch "$autobahn/complete"
}

has_all() {
  local command
  for command in "$@"; do command -v "$command" >/dev/null || return; done
}

# Unoptimised: it is built in half the time, and reads one lock file.
install_cargo_deny() {
  local root=$PARLANCE_CI_CACHE/cargo-deny-$cargo_deny_version
  if [ ! -x "$root/bin/cargo-deny" ]; then
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$PARLANCE_CI_CACHE/target-tools \
      retry cargo install cargo-deny --locked --debug --version "$cargo_deny_version" --root "$root"
    rm -rf "$PARLANCE_CI_CACHE/target-tools"
  fi
  PATH=$root/bin:$PATH
  cargo-deny --version
}
