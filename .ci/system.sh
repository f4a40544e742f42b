#!/bin/sh
# Installs the system libraries by apt when root or sudo is there, else says exactly what to install.
# $1: run | test
set -eu
packages="python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
[ "${1:-run}" = test ] && packages="$packages chromium postgresql libatomic1"
missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then sudo=""; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo"; else
  echo "缺少系统软件包，请用管理员身份运行后重试：" >&2
  echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi
echo "正在安装系统软件包：$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
