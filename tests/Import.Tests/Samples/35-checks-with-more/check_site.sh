#!/bin/sh
if [ -f /etc/maintenance ]; then
    exit 1
fi
code=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/up)
if [ "$code" != 200 ]; then
    exit 1
fi
curl -sI http://127.0.0.1:8081/ | grep -vq "502 Bad Gateway" || exit 1
exit 0
