package io.levada.catalog;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that works until it is closed, and the lock over what it shares with those who give it work.
///
/// The work ends by itself once one of the waits answers false. Every [#change] wakes the thread.
public final class ServiceThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceThread.class);
    private static final Duration END = Duration.ofMinutes(1);

    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean closed;

    /// @param work waits by this thread's own methods and ends once one of them answers false
    public ServiceThread(String name, Runnable work) {
        this.thread = Thread.ofPlatform().name(name).unstarted(work);
    }

    public void start() {
        thread.start();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    public boolean closing() {
        return closed;
    }

    /// Carries something out under the lock.
    public <T> T locked(Supplier<T> part) {
        lock.lock();
        try {
            return part.get();
        } finally {
            lock.unlock();
        }
    }

    /// Changes, under the lock, what the thread looks at.
    public void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is work.
    ///
    /// @param work asked under the lock, after every change
    /// @return false once the thread is to end
    public boolean await(BooleanSupplier work) {
        return await(work, Optional::empty);
    }

    /// Waits until there is work or its time has come.
    ///
    /// @param work asked under the lock, after every change
    /// @param left until the time has come, asked as often; empty where it never does
    /// @return false once the thread is to end
    public boolean await(BooleanSupplier work, Supplier<Optional<Duration>> left) {
        lock.lock();
        try {
            boolean due = false;
            while (!closed && !due && !work.getAsBoolean()) {
                Optional<Duration> time = left.get();
                if (time.isEmpty()) {
                    changed.await();
                } else {
                    due = changed.awaitNanos(time.get().toNanos()) <= 0;
                }
            }
            return !closed;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a while, whatever changes.
    ///
    /// @return false once the thread is to end
    public boolean pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        return await(() -> false, () -> Optional.of(Duration.ofNanos(end - System.nanoTime())));
    }

    /// Waits up to a minute for the end of what the thread is at.
    @Override
    public void close() {
        change(() -> closed = true);
        try {
            if (thread.isAlive() && !thread.join(END)) {
                LOG.atWarn().addKeyValue("thread", thread.getName()).log("A thread did not end within a minute");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
