# Shared by scripts/demo and scripts/test: a virtual environment beside the sources.

set_up() { # extras, for example "[test]"
  local python="${PYTHON:-}"
  if [ -z "$python" ]; then
    python=$(command -v python3.11 || command -v python3)
  fi
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "bredband needs Python 3.11 or newer; set PYTHON to one." >&2
    exit 2
  }
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".$1"
}

set_up_browser() { # Debian's Chromium, when it is missing and we may install it
  command -v chromium >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
  else
    echo "Chromium is missing: the browser tests will be skipped." >&2
  fi
}
