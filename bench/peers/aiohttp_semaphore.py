"""What is written by hand in Python: aiohttp, with a semaphore to bound the calls. Files are handled in threads.

python3 bench/peers/aiohttp_semaphore.py API_URL WORKSPACE CONCURRENCY
"""

import asyncio
import os
import sys
from pathlib import Path

import aiohttp

API, ROOT, CONCURRENCY = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
INBOX, OUTBOX = ROOT / "inbox", ROOT / "outbox"


def body(content):
    return {
        "model": "anthropic/claude-sonnet-4.5",
        "messages": [{"role": "user", "content": content}],
        "max_tokens": 64_000,
        "reasoning": {"effort": "high"},
        "stream": False,
    }


def file(name, text):
    """Puts an answer on the disk, whole or not at all, also through a loss of power."""
    temporary = OUTBOX / f".{name}.tmp"
    with open(temporary, "x", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.rename(OUTBOX / f"{name}.md")


async def answer(session, semaphore, name):
    async with semaphore:
        content = await asyncio.to_thread((INBOX / name).read_text, "utf-8")
        async with session.post(f"{API}/chat/completions", json=body(content)) as reply:
            reply.raise_for_status()
            answered = await reply.json()
        await asyncio.to_thread(file, name, answered["choices"][0]["message"]["content"])


async def main():
    OUTBOX.mkdir(parents=True, exist_ok=True)
    semaphore = asyncio.Semaphore(CONCURRENCY)
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(answer(session, semaphore, name) for name in os.listdir(INBOX)))


asyncio.run(main())
