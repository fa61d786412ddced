#!/bin/bash
# One more try for nginx before the address goes.
if [ "$(ps -C nginx --no-header | wc -l)" -eq 0 ]; then
    /usr/local/nginx/sbin/nginx
    sleep 3
    if [ "$(ps -C nginx --no-header | wc -l)" -eq 0 ]; then
        killall keepalived
    fi
fi
