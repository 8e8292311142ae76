#!/bin/sh
# Runs first in every build stage: makes apt, Go, Java and Maven there reach what the host reaches.
set -eu
cd "$(dirname "$0")"

if [ -f sources.list ]; then cp sources.list /etc/apt/sources.list; fi
if [ -f apt.conf ]; then cp apt.conf /etc/apt/apt.conf.d/90host; fi
# For archives behind https, which must be believed before the package ca-certificates can be installed from them.
if [ -f ca-certificates.crt ]; then
  mkdir -p /etc/ssl/certs
  cp ca-certificates.crt /etc/ssl/certs/
fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates
# Stages may collect the packages that they download: these are not among them.
apt-get clean

mkdir -p /usr/local/share/ca-certificates
cp -R certificates/. /usr/local/share/ca-certificates/
update-ca-certificates

# Maven alone does not read the proxy variables.
maven_proxy() {
  address=${2#*://}
  address=${address%%/*}
  credentials=
  case $address in *@*) credentials=${address%@*} address=${address##*@} ;; esac
  port=${address##*:}
  if [ "$port" = "$address" ]; then port=80; fi
  echo "<proxy><id>$1</id><protocol>$1</protocol><host>${address%:*}</host><port>$port</port>"
  if [ -n "$credentials" ]; then echo "<username>${credentials%%:*}</username><password>${credentials#*:}</password>"; fi
  direct=$(echo "${no_proxy:-${NO_PROXY:-}}" | tr -d ' ' | sed 's/,\./,*./g; s/^\./*./; s/,/|/g')
  echo "<nonProxyHosts>$direct</nonProxyHosts></proxy>"
}
http=${http_proxy:-${HTTP_PROXY:-}}
https=${https_proxy:-${HTTPS_PROXY:-}}
if [ -n "$http$https" ]; then
  mkdir -p "$HOME/.m2"
  {
    echo '<settings><proxies>'
    if [ -n "$http" ]; then maven_proxy http "$http"; fi
    if [ -n "$https" ]; then maven_proxy https "$https"; fi
    echo '</proxies></settings>'
  } >"$HOME/.m2/settings.xml"
fi
