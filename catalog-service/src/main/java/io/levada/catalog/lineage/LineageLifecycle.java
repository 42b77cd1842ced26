package io.levada.catalog.lineage;

import org.springframework.context.SmartLifecycle;

/// Starts and ends the follower with the service.
final class LineageLifecycle implements SmartLifecycle {
    private final LineageFollower follower;
    private volatile boolean running;

    LineageLifecycle(LineageFollower follower) {
        this.follower = follower;
    }

    @Override
    public void start() {
        follower.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        follower.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
