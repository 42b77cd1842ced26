package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.ChangedFiles;
import io.levada.definition.FilePlace;
import io.levada.definition.S3Notifications;
import io.levada.definition.S3Settings;
import io.levada.ingest.landing.LandingStep;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.EmbeddedSqsServer;
import io.levada.testing.Eventually;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

class PrefixSourcesIT extends FileSourcesFixture {
    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void takesObjectsOfAPrefixOnceAndReadsThemOnce() throws Exception {
        changedFiles = ChangedFiles.APPEND;
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        try (EmbeddedS3Server s3 = EmbeddedS3Server.start()) {
            place = new FilePlace.S3Prefix(
                    "shop", "daily/", new S3Settings(s3.endpoint(), null, true), Duration.ofMillis(50));
            FileSources first = start();
            Eventually.within(
                    BOUND,
                    () -> assertThat(status(first).lastError())
                            .satisfies(error -> assertThat(error.code()).isEqualTo("FILES-BUCKET-MISSING")));
            s3.createBucket("shop");
            s3.put("shop", "daily/a.csv", "id,name\n1,a\n");
            s3.put("shop", "daily/sub/b.csv", "id,name\n2,b\n");
            awaitLanded(first, 2);
            assertThat(status(first).lastError()).isNull();
            first.close();
            int downloads = s3.downloads();

            FileSources second = start();
            Eventually.within(
                    BOUND, () -> assertThat(second.atStart().complete()).isTrue());
            int downloadsOfKnown = s3.downloads() - downloads;
            s3.put("shop", "daily/a.csv", "id,name\n1,a\n3,c\n");
            awaitLanded(second, 3);

            assertThat(downloadsOfKnown).isZero();
            Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));
            assertThat(ParquetRows.query(rows(), "SELECT id, name, _file FROM t ORDER BY _pos"))
                    .containsExactly("1|a|a.csv", "2|b|sub/b.csv", "1|a|a.csv", "3|c|a.csv");
            assertThat(status(second).folder()).isEqualTo("s3://shop/daily/");
        } finally {
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }

    /// Listed every 50 ms, and once an hour while the queue is heard.
    private static FilePlace told(EmbeddedS3Server s3, EmbeddedSqsServer sqs) {
        return new FilePlace.S3Prefix(
                "shop",
                "daily/",
                new S3Settings(s3.endpoint(), null, true),
                Duration.ofMillis(50),
                new S3Notifications(sqs.queue("told"), Duration.ofHours(1)));
    }

    private static void awaitEmpty(EmbeddedSqsServer sqs) {
        Eventually.within(BOUND, () -> assertThat(sqs.messages("told")).isZero());
    }

    /// Once a message was taken, the next listing is an hour away.
    private static void awaitHeard(EmbeddedSqsServer sqs) {
        sqs.send("told", "{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"shop\"}");
        awaitEmpty(sqs);
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void takesWhatAQueueNamesLongBeforeTheNextListing() throws Exception {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        try (EmbeddedS3Server s3 = EmbeddedS3Server.start();
                EmbeddedSqsServer sqs = EmbeddedSqsServer.start()) {
            s3.createBucket("shop");
            place = told(s3, sqs);
            FileSources sources = start();
            Eventually.within(
                    BOUND,
                    () -> assertThat(status(sources).lastError())
                            .satisfies(error -> assertThat(error.code()).isEqualTo("FILES-QUEUE-MISSING")));
            s3.put("shop", "daily/a.csv", "id\n1\n");
            awaitLanded(sources, 1);

            sqs.createQueue("told");
            awaitHeard(sqs);
            assertThat(status(sources).lastError()).isNull();
            s3.put("shop", "daily/unnamed.csv", "id\n3\n");
            s3.put("shop", "daily/b +m\u00eas.csv", "id\n2\n");
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/b+%2Bm%C3%AAs.csv"));
            awaitLanded(sources, 2);
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/b+%2Bm%C3%AAs.csv"));
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/gone.csv"));
            awaitEmpty(sqs);
            sqs.send("told", ObjectNotificationTest.s3("shop", "nightly/a.csv"));
            sqs.send("told", "hello");
            Eventually.within(
                    BOUND,
                    () -> assertThat(status(sources).queue())
                            .satisfies(queue -> assertThat(queue.strange()).isEqualTo(2)));
            assertThat(status(sources).lastError())
                    .satisfies(error -> assertThat(error.code()).startsWith("FILES-NOTIFICATION-"));
            assertThat(status(sources).landed()).isEqualTo(2);
            sqs.send("told", ObjectNotificationTest.eventBridge("shop", "daily/unnamed.csv"));
            awaitLanded(sources, 3);

            Eventually.within(BOUND, () -> assertThat(sqs.messages("told")).isEqualTo(2));
            Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));
            assertThat(ParquetRows.query(rows(), "SELECT id, _file FROM t ORDER BY _pos"))
                    .containsExactly("1|a.csv", "2|b +m\u00eas.csv", "3|unnamed.csv");
            assertThat(status(sources).seen()).isEqualTo(3);
            sources.close();
        } finally {
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }

    /// As SIGSTOP would, between the announcement of a file and the deletion of the message that named it.
    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void takesANamedFileOnceThoughAPausedProcessWakesBesideItsSuccessor() throws Exception {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        CountDownLatch announced = new CountDownLatch(1);
        CountDownLatch woken = new CountDownLatch(1);
        try (EmbeddedS3Server s3 = EmbeddedS3Server.start();
                EmbeddedSqsServer sqs = EmbeddedSqsServer.start()) {
            s3.createBucket("shop");
            sqs.createQueue("told");
            place = told(s3, sqs);
            FileSources paused = start((step, _) -> {
                if (step == LandingStep.FILE_ANNOUNCED) {
                    announced.countDown();
                    Eventually.within(BOUND, () -> assertThat(woken.getCount()).isZero());
                }
            });
            awaitHeard(sqs);
            s3.put("shop", "daily/a.csv", "id\n1\n");
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/a.csv"));
            assertThat(announced.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
            int kept = sqs.messages("told");

            FileSources successor = start();
            awaitLanded(successor, 1);
            awaitEmpty(sqs);
            woken.countDown();
            s3.put("shop", "daily/b.csv", "id\n2\n");
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/b.csv"));
            awaitLanded(successor, 2);

            awaitEmpty(sqs);
            assertThat(kept).isEqualTo(1);
            Eventually.within(BOUND, () -> assertThat(rows()).hasSize(2));
            assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos"))
                    .containsExactly("1", "2");
            assertThat(status(paused).arrived()).isLessThanOrEqualTo(1);
            started.forEach(FileSources::close);
        } finally {
            woken.countDown();
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }
}
