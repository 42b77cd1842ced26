package io.levada.ingest.capture;

import io.levada.events.PublishedPosition;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How far a source's log is published, as it is stored in the same Kafka transaction as the changes.
///
/// The log is read transaction by transaction, so a position is the end of the last transaction that is published
/// whole, and what of the next one is published already: on resumption the server sends that one again from its
/// beginning, and as many changes of each topic are dropped. Log sequence numbers within a transaction are not used:
/// rows that one COPY writes share them.
///
/// @param epoch raised only by an operator's repair
/// @param sequence of the last change published; the next has the next number
/// @param committed end of the last transaction that is published whole; the server resumes here
/// @param transaction the database's id of the transaction that is published in part, or null
/// @param published by topic, how many changes of that transaction
/// @param ends by topic, the offset after its last change
/// @param commitTime of the newest transaction seen, or null before the first
/// @param wholeCommitTime of the newest transaction that is published whole, or null before the first
public record CapturePosition(
        int epoch,
        long sequence,
        LogPosition committed,
        @Nullable String transaction,
        Map<String, Long> published,
        Map<String, Long> ends,
        @Nullable Instant commitTime,
        @Nullable Instant wholeCommitTime) {
    private static final int EPOCH_DIGITS = 4;
    static final int SEQUENCE_DIGITS = 20;

    public CapturePosition {
        published = Map.copyOf(published);
        ends = Map.copyOf(ends);
    }

    /// The position of a source whose log is to be read from here.
    public static CapturePosition startingAt(LogPosition start) {
        return new CapturePosition(1, 0, start, null, Map.of(), Map.of(), null, null);
    }

    public static CapturePosition startingAt(long lsn) {
        return startingAt(new Lsn(lsn));
    }

    /// Where a PostgreSQL server resumes.
    public long commitLsn() {
        return ((Lsn) committed).value();
    }

    /// The position after an operator's repair: everything before `start` is given up, so what follows sorts after it.
    CapturePosition anewAt(LogPosition start) {
        return new CapturePosition(epoch + 1, 0, start, null, Map.of(), ends, null, null);
    }

    /// The same position with one number of the sequence left out, so that a load planned here has a `_pos` of its own.
    CapturePosition skippingOne() {
        return new CapturePosition(
                epoch, sequence + 1, committed, transaction, published, ends, commitTime, wholeCommitTime);
    }

    /// `_pos` of a change: sorts in source order as a string.
    public static String pos(int epoch, long sequence) {
        return padded(epoch, EPOCH_DIGITS) + "-" + padded(sequence, SEQUENCE_DIGITS);
    }

    /// What `%0Nd` gives, without the cost of a format for each change.
    public static String padded(long number, int digits) {
        String text = Long.toString(number);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }

    /// `_pos` of the last change published.
    public String pos() {
        return pos(epoch, sequence);
    }

    /// The position as others than capture read it. What is published of a transaction that is not whole yet does not
    /// count, though the ends include it.
    PublishedPosition published(String source) {
        return new PublishedPosition(
                source,
                padded(epoch, EPOCH_DIGITS) + "-" + committed.order(),
                committed.text(),
                wholeCommitTime,
                ends,
                Set.of());
    }

    /// A position that moves while a batch is published.
    public static final class Cursor {
        private final int epoch;
        private long sequence;
        private LogPosition committed;
        private @Nullable String transaction;
        private @Nullable Instant commitTime;
        private @Nullable Instant wholeCommitTime;
        private final Map<String, Long> published;
        private final Map<String, Long> ends;
        private final @Nullable String resumedTransaction;
        private final Map<String, Long> toSkip;

        public Cursor(CapturePosition from) {
            this.epoch = from.epoch;
            this.sequence = from.sequence;
            this.committed = from.committed;
            this.transaction = from.transaction;
            this.commitTime = from.commitTime;
            this.wholeCommitTime = from.wholeCommitTime;
            this.published = new HashMap<>(from.published);
            this.ends = new HashMap<>(from.ends);
            this.resumedTransaction = from.transaction;
            this.toSkip = new HashMap<>(from.published);
        }

        /// Notes that everything up to the end of a transaction was seen.
        public void committedUpTo(LogPosition end) {
            if (end.isAfter(committed)) {
                committed = end;
                transaction = null;
                wholeCommitTime = commitTime;
                published.clear();
            }
        }

        /// Notes that everything up to the end of a transaction was seen, which was committed at `time`.
        public void committedUpTo(long lsn, Instant time) {
            commitTime = time;
            committedUpTo(new Lsn(lsn));
        }

        /// Notes a change of a transaction.
        ///
        /// @return whether it is new; false where it was published before the resumption
        public boolean advance(String topic, @Nullable String transactionId, @Nullable Instant time) {
            commitTime = time;
            if (transactionId != null && transactionId.equals(resumedTransaction)) {
                long left = toSkip.getOrDefault(topic, 0L);
                if (left > 0) {
                    toSkip.put(topic, left - 1);
                    return false;
                }
            }
            transaction = transactionId;
            published.merge(topic, 1L, Long::sum);
            sequence++;
            return true;
        }

        void ended(String topic, long offset) {
            ends.put(topic, offset);
        }

        public String pos() {
            return CapturePosition.pos(epoch, sequence);
        }

        public LogPosition committed() {
            return committed;
        }

        /// Where a PostgreSQL server resumes.
        public long commitLsn() {
            return ((Lsn) committed).value();
        }

        /// The transaction of the last change, as long as nothing says that it is published whole.
        @Nullable
        public String transaction() {
            return transaction;
        }

        public CapturePosition position() {
            return new CapturePosition(
                    epoch, sequence, committed, transaction, published, ends, commitTime, wholeCommitTime);
        }
    }
}
