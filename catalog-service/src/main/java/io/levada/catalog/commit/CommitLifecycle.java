package io.levada.catalog.commit;

import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Starts the loops after the bindings that they publish through, and ends them before these.
final class CommitLifecycle implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(CommitLifecycle.class);

    private final ControlTopics topics;
    private final CommitLoop commits;
    private final SweepLoop sweeps;
    private final PositionsFollower positions;
    private volatile boolean running;

    CommitLifecycle(ControlTopics topics, CommitLoop commits, SweepLoop sweeps, PositionsFollower positions) {
        this.topics = topics;
        this.commits = commits;
        this.sweeps = sweeps;
        this.positions = positions;
    }

    @Override
    public void start() {
        try {
            // Who starts after this service finds the topics there.
            topics.create();
        } catch (KafkaException e) {
            LOG.atWarn().setCause(e).log("Kafka does not answer; catalog-service waits for it");
        }
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
