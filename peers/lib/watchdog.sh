#!/bin/sh
# Stops the servers when the process that they were started for is gone: watchdog.sh PID RUN-SCRIPT
while state=$(grep '^State:' "/proc/$1/status" 2>/dev/null); do
  case $state in *Z*|*X*) break ;; esac
  sleep 1
done
exec "$2" stop
