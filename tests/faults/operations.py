"""The operations of the operator that must survive everything, and what has to be true after each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults.pairs import paired
from faults.scenes import NAME, NOW, THEN, played
from faults.shelves import shelf

if TYPE_CHECKING:
    from faults.harness import Stage
    from faults.scenes import Scene


async def restores(stage: Stage) -> None:
    """A restore asked for by Gemini's annotation, to the end of the old volume."""
    async with played(stage, every="9 seconds") as scene:
        async with stage.armed():
            await scene.annotate()
            settled = await scene.reached("Settle")
            await scene.assert_restored()
            await scene.let_time_pass()
            await scene.reached("Done")
        await scene.assert_bound(THEN)
        await scene.assert_let_go(scene.old, scene.new)
        await scene.assert_safe(settled)
        await scene.assert_frozen(settled)


async def restores_meanwhile(stage: Stage) -> None:
    """A restore, at whose end somebody wakes up who slept in the midst of it."""
    async with played(stage) as scene:
        async with stage.armed():
            await _restored(scene)
        await scene.awake()
        await scene.assert_restored()
        await scene.let_time_pass()
        await scene.reached("Done")
        await scene.assert_bound(THEN)
        await scene.assert_let_go(scene.old, scene.new)


async def restores_and_returns_meanwhile(stage: Stage) -> None:
    """A restore that was rolled back when somebody wakes up who slept in the midst of it."""
    async with played(stage) as scene:
        async with stage.armed():
            await _restored(scene)
            await _returned(scene)
        await scene.awake()
        await scene.assert_returned()
        await _lets_the_new_one_go(scene)


async def restores_what_runs(stage: Stage) -> None:
    """A restore that scales an application down and brings it back."""
    async with played(stage, running=True) as scene:
        async with stage.armed():
            await _restored(scene)
            await scene.assert_running()
        if stage.paused:
            await scene.awake()
        await scene.assert_restored()
        await scene.assert_running()


async def returns_what_runs(stage: Stage) -> None:
    """A rollback that takes the new volume from under a running application."""
    async with played(stage, running=True) as scene:
        await _restored(scene)
        async with stage.armed():
            await _returned(scene)
            await scene.assert_running()
        if stage.paused:
            await scene.awake()
        await scene.assert_returned()
        await scene.assert_running()


async def returns(stage: Stage) -> None:
    """A rollback after the new volume was in its place, to the end of that one."""
    async with played(stage) as scene:
        await _restored(scene)
        async with stage.armed():
            await _returned(scene)
            await _lets_the_new_one_go(scene)
        await scene.assert_bound(NOW)


async def returns_meanwhile(stage: Stage) -> None:
    """A rollback, at whose end somebody wakes up who slept in the midst of it."""
    async with played(stage) as scene:
        await _restored(scene)
        async with stage.armed():
            await _returned(scene)
        await scene.awake()
        await scene.assert_returned()
        await _lets_the_new_one_go(scene)


async def returns_from_the_gap(stage: Stage) -> None:
    """A rollback while the new claim has no volume yet, because the driver has no room for it."""
    async with played(stage) as scene:
        full = stage.sandbox.faults.fill_pool(handle=await scene.target_handle())
        await scene.annotate()
        await scene.reached("WaitBound")
        async with stage.armed():
            await scene.ask(rollback=True)
            await scene.reached("RolledBack")
        stage.sandbox.faults.clear(full)
        await scene.assert_returned()


async def cancels(stage: Stage) -> None:
    """A restore called off while it waits for a pod to end."""
    async with played(stage) as scene:
        await scene.place.pod("user", NAME)
        before = await scene.claim_uid()
        await scene.annotate()
        await scene.reached("Quiesce")
        async with stage.armed():
            await scene.ask(cancel=True)
            await scene.reached("RolledBack")
        await scene.assert_returned()
        assert await scene.claim_uid() == before


async def takes_and_retires(stage: Stage) -> None:
    """A snapshot that is due is taken, and when it is ready the ones that are beyond their tier go."""
    async with shelf(stage, old=4) as shelves:
        async with stage.armed():
            await shelves.start(keep=2)
            await shelves.retired()
        await shelves.stop()
        await shelves.assert_right(keep=2)


async def takes_and_retires_meanwhile(stage: Stage) -> None:
    """The same, and somebody wakes up at its end who slept in the midst of it."""
    async with shelf(stage, old=4) as shelves:
        async with stage.armed():
            await shelves.start(keep=2)
            await shelves.retired()
        await shelves.awake()
        await shelves.assert_right(keep=2)


async def _restored(scene: Scene) -> None:
    await scene.annotate()
    await scene.reached("Settle")
    await scene.assert_restored()


async def _returned(scene: Scene) -> None:
    await scene.ask(rollback=True)
    await scene.reached("RolledBack")
    await scene.assert_returned()


async def _lets_the_new_one_go(scene: Scene) -> None:
    await scene.let_time_pass()
    await scene.assert_let_go(scene.new, scene.old)
    scene.new = {}
    await scene.assert_returned()


async def restores_together(stage: Stage) -> None:
    """A restore of two claims of one application, to the end of the old volumes."""
    async with paired(stage) as pair:
        async with stage.armed():
            await pair.ask()
            await pair.reached("Settle")
            await pair.assert_restored()
            await pair.let_time_pass()
            await pair.reached("Done")
        if stage.paused:
            await pair.awake()
        await pair.assert_in_step()
        await pair.assert_let_go(restored=True)


async def returns_together(stage: Stage) -> None:
    """Both go back because one has to, after the application runs on the new volumes of both."""
    async with paired(stage) as pair:
        await pair.ask()
        await pair.reached("Settle")
        await pair.assert_restored()
        async with stage.armed():
            await pair.scenes[1].ask(rollback=True)
            await pair.reached("RolledBack")
            await pair.assert_returned()
        if stage.paused:
            await pair.awake()
        await pair.assert_returned()


async def changes_its_mind_together(stage: Stage) -> None:
    """A restore of two claims that is called off for one of them while it waits for a safety snapshot."""
    async with paired(stage) as pair:
        handle = pair.scenes[1].old["spec"]["csi"]["volumeHandle"]
        late = stage.sandbox.faults.never_ready(handle=handle)
        await pair.ask()
        await pair.reached("SafetySnapshot")
        async with stage.armed():
            await pair.scenes[1].ask(cancel=True)
            await pair.reached("RolledBack")
            await pair.assert_returned()
        stage.sandbox.faults.clear(late)
        if stage.paused:
            await pair.awake()
        await pair.assert_returned()
