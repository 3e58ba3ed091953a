"""``await Job(…)`` and ``async with Job(…)``, against the real server."""

import asyncio
import threading

import pytest
from owners import until

from spalloc_client import Job, JobDestroyedError, JobState
from spalloc_client.protocol_client import ProtocolClient


@pytest.fixture
def where(sandbox):
    return {"hostname": sandbox.hostname, "port": sandbox.port, "owner": "me", "config_filenames": []}


@pytest.fixture
def jobs(sandbox):
    """Ask the server for the jobs that are queued or running."""
    with ProtocolClient(sandbox.hostname, sandbox.port, 10) as client:
        yield lambda: [job["job_id"] for job in client.call("list_jobs")]


def test_an_awaited_job_is_ready(where, jobs):
    """And is destroyed by hand."""

    async def main():
        job = await Job(3, **where)
        assert job.state is JobState.ready
        return job

    job = asyncio.run(main())
    assert jobs() == [job.id]
    job.destroy()


def test_a_job_ends_with_its_block(where, jobs):
    """Whatever ends the block."""

    async def main():
        async with Job(3, **where) as job:
            assert job.hostname
            assert jobs() == [job.id]
        assert jobs() == []
        async with Job(3, **where):
            raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(main())
    assert jobs() == []


def test_a_job_to_stay_outlives_its_block(where, jobs):
    """As it does without ``async``."""

    async def main():
        async with Job(3, no_destroy=True, **where):
            pass

    asyncio.run(main())
    assert jobs() == [1]
    Job(resume_job_id=1, **where).destroy()


def test_the_loop_goes_on_meanwhile(where):
    """Others of its tasks run while boards are waited for; here, one gives boards back."""
    big = Job(24, **where)
    waited_for = Job(3, **where)

    async def give_back():
        await asyncio.sleep(0.7)
        assert waited_for.state is JobState.queued
        big.destroy()

    async def main():
        giving = asyncio.create_task(give_back())
        async with waited_for as job:
            assert giving.done()
            assert job.state is JobState.ready
        await giving

    asyncio.run(main())


def test_a_cancelled_wait_ends_at_once(where, jobs):
    """``await`` leaves the job alone, a block that was not reached ends it."""
    big = Job(24, **where)
    awaited, entered = Job(3, **where), Job(3, **where)

    async def enter(job):
        async with job:
            raise AssertionError

    async def wait(job):
        await job

    async def main():
        tasks = [asyncio.create_task(wait(awaited)), asyncio.create_task(enter(entered))]
        await asyncio.sleep(0.3)
        for task in tasks:
            task.cancel()
        assert [type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)] == [
            asyncio.CancelledError,
            asyncio.CancelledError,
        ]

    asyncio.run(main())
    assert jobs() == [big.id, awaited.id]
    until(lambda: all(thread.name != "spalloc awaited" for thread in threading.enumerate()))
    big.destroy()
    awaited.destroy()


def test_what_goes_wrong_is_raised_where_it_is_awaited(where):
    """With the server's reason."""

    job = Job(1000, **where)

    async def main():
        await job

    with pytest.raises(JobDestroyedError, match="No suitable machines"):
        asyncio.run(main())
    job.close()
