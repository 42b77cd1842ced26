package io.levada.catalog.commit;

import org.springframework.context.SmartLifecycle;

/// Starts the loops after the bindings that they publish through, and ends them before these.
final class CommitLifecycle implements SmartLifecycle {
    private final CommitLoop commits;
    private final SweepLoop sweeps;
    private final PositionsFollower positions;
    private volatile boolean running;

    CommitLifecycle(CommitLoop commits, SweepLoop sweeps, PositionsFollower positions) {
        this.commits = commits;
        this.sweeps = sweeps;
        this.positions = positions;
    }

    @Override
    public void start() {
        positions.start();
        sweeps.start();
        commits.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        commits.close();
        sweeps.close();
        positions.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
