#!/bin/sh
# What README.md shows of the calls: `rag chat` over the sample news, asked with curl once its models are loaded.
rag chat --docs eval/corpora/kurils --port 7861 --no-browser >/dev/null 2>&1 &
server=$!
url=http://127.0.0.1:7861
until curl -sf $url/api/ready >/dev/null; do sleep 0.2; done
ask() {
    printf '\n$ curl -sN %s -H "Content-Type: application/json" -d '"'%s'"' | cut -c 1-150\n' "$url/api/ask" "$1"
    curl -sN $url/api/ask -H "Content-Type: application/json" -d "$1" | cut -c 1-150
}
ask '{"question": "Who is the prime minister of Japan?", "stream": true}'
ask '{"query": "Who?"}'
kill "$server"
wait "$server" 2>/dev/null || true
