#!/bin/sh
# What README.md shows of the calls: `rag chat` over the sample news, asked with curl until it has answered.
rag chat --docs eval/corpora/kurils --port 7861 --no-browser >/dev/null 2>&1 &
server=$!
until curl -sf http://127.0.0.1:7861/api/ready >/dev/null; do sleep 0.2; done
set -x
curl -s http://127.0.0.1:7861/api/ready
curl -sN http://127.0.0.1:7861/api/ask -H 'Content-Type: application/json' -d '{"question": "Who is the prime minister of Japan?", "stream": true}' | cut -c 1-150
curl -s http://127.0.0.1:7861/api/ask -H 'Content-Type: application/json' -d '{"query": "Who?"}'
{ set +x; } 2>/dev/null
kill "$server"
wait "$server" 2>/dev/null
