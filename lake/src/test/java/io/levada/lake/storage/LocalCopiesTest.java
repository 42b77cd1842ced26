package io.levada.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalCopiesTest {
    private static final long BOUND = 1_000;
    private static final String A = "s3://lake/t/a.parquet";
    private static final String B = "s3://lake/t/b.parquet";
    private static final String C = "s3://lake/t/c.parquet";

    @TempDir
    private Path folder;

    private final HeldBucket bucket = new HeldBucket();
    private LocalCopies copies;
    private long freeBytes = 1L << 40;

    @BeforeEach
    void open() {
        bucket.put(A, content(1, 400)).put(B, content(2, 400)).put(C, content(3, 400));
        copies = reopened();
    }

    private LocalCopies reopened() {
        return LocalCopies.in(folder, BOUND, () -> freeBytes);
    }

    private static byte[] content(int fill, int length) {
        byte[] content = new byte[length];
        java.util.Arrays.fill(content, (byte) fill);
        return content;
    }

    /// Borrows a file and gives it back at once.
    private String use(String location) {
        try (BorrowedFiles files = copies.borrow(bucket, List.of(location))) {
            return files.path(location);
        }
    }

    private List<Path> onDisk() throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList();
        }
    }

    @Test
    void downloadsAFileOnceAndGivesItsContent() throws Exception {
        try (BorrowedFiles files = copies.borrow(bucket, List.of(A, B))) {
            assertThat(Files.readAllBytes(Path.of(files.path(A)))).isEqualTo(content(1, 400));
            assertThat(Files.readAllBytes(Path.of(files.path(B)))).isEqualTo(content(2, 400));
        }
        use(A);

        assertThat(bucket.downloads()).isEqualTo(2);
        assertThat(copies.bytes()).isEqualTo(800);
    }

    @Test
    void localFilesAreReadWhereTheyAre() {
        try (BorrowedFiles files = copies.borrow(bucket, List.of("/lake/a.parquet", "file:/lake/b.parquet"))) {
            assertThat(files.paths()).containsExactlyInAnyOrder("/lake/a.parquet", "/lake/b.parquet");
        }
        assertThat(bucket.downloads()).isZero();
    }

    @Test
    void manyWhoWantAFileWaitForOneDownload() throws Exception {
        bucket.hold();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> readers = IntStream.range(0, 20)
                    .mapToObj(_ -> threads.submit(() -> use(A)))
                    .toList();
            bucket.awaitAsked();
            bucket.release();
            for (Future<String> reader : readers) {
                assertThat(reader.get()).startsWith(folder.toString());
            }
        }

        assertThat(bucket.downloads()).isEqualTo(1);
    }

    @Test
    void whatWasNotUsedForLongestMakesRoom() throws Exception {
        use(A);
        use(B);
        use(A);
        use(C);

        assertThat(copies.bytes()).isEqualTo(800);
        assertThat(onDisk()).hasSize(2);
        use(A);
        assertThat(bucket.downloads()).as("a is still there").isEqualTo(3);
        use(B);
        assertThat(bucket.downloads()).as("b had to go").isEqualTo(4);
    }

    @Test
    void aBorrowedFileStaysAndWhatDoesNotFitBesideItFails() {
        try (BorrowedFiles held = copies.borrow(bucket, List.of(A, B))) {
            assertThatThrownBy(() -> use(C))
                    .isInstanceOfSatisfying(
                            CopyFailure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(CopyFailure.Kind.TOO_LARGE))
                    .hasMessageContaining(C)
                    .hasMessageContaining("1000");
            assertThat(Path.of(held.path(A))).hasSize(400);
            assertThat(Path.of(held.path(B))).hasSize(400);
        }

        assertThat(use(C)).isNotEmpty();
        assertThat(copies.bytes()).isEqualTo(800);
    }

    @Test
    void aFailedBorrowHoldsNothing() {
        assertThatThrownBy(() -> copies.borrow(bucket, List.of(A, B, C))).isInstanceOf(CopyFailure.class);

        use(A);
        use(B);
        use(C);
        assertThat(copies.bytes()).isLessThanOrEqualTo(BOUND);
    }

    @Test
    void whereABucketIsAwayTheReaderFailsAndTheNextOneSucceeds() {
        bucket.away(true);
        assertThatThrownBy(() -> use(A))
                .isInstanceOfSatisfying(
                        CopyFailure.class, failure -> assertThat(failure.kind()).isEqualTo(CopyFailure.Kind.STORAGE))
                .hasMessageContaining(A);
        bucket.away(false);

        assertThat(use(A)).isNotEmpty();
    }

    @Test
    void aFileThatIsNotInTheBucketIsAFailureOfItsReader() {
        assertThatThrownBy(() -> use("s3://lake/t/gone.parquet"))
                .isInstanceOf(CopyFailure.class)
                .hasMessageContaining("gone.parquet");
        assertThat(copies.bytes()).isZero();
    }

    @Test
    void aDownloadThatIsCutOffLeavesNothing() throws Exception {
        bucket.cutAfter(399);
        assertThatThrownBy(() -> use(A)).isInstanceOf(CopyFailure.class).hasMessageContaining("399 arrived");

        assertThat(onDisk()).isEmpty();
        assertThat(copies.bytes()).isZero();
    }

    @Test
    void aFullDiskFailsTheReaderAndIsLeftSomeRoom() throws Exception {
        freeBytes = CopyShelf.LEFT_FREE_BYTES + 399;
        assertThatThrownBy(() -> use(A))
                .isInstanceOfSatisfying(
                        CopyFailure.class, failure -> assertThat(failure.kind()).isEqualTo(CopyFailure.Kind.DISK_FULL));
        assertThat(onDisk()).isEmpty();

        freeBytes += 1;
        assertThat(use(A)).isNotEmpty();
    }

    @Test
    void onAFullDiskUnusedCopiesMakeRoomForOthers() throws Exception {
        use(A);
        freeBytes = CopyShelf.LEFT_FREE_BYTES;

        use(B);

        assertThat(onDisk()).hasSize(1);
    }

    @Test
    void wholeCopiesOutliveTheProcessAndOthersDoNot() throws Exception {
        Path whole = Path.of(use(A));
        Path shortened = Path.of(use(B));
        Files.write(shortened, content(2, 399));
        Files.write(folder.resolve("half.part"), content(3, 10));

        copies = reopened();
        use(A);

        assertThat(bucket.downloads()).isEqualTo(2);
        assertThat(onDisk()).containsExactly(whole);
        assertThat(Files.readAllBytes(Path.of(use(B)))).isEqualTo(content(2, 400));
        assertThat(bucket.downloads()).isEqualTo(3);
    }

    @Test
    void aSmallerBoundHoldsFromTheStartForTheOldest() throws Exception {
        Path older = Path.of(use(A));
        Path newer = Path.of(use(B));
        Files.setLastModifiedTime(older, FileTime.fromMillis(1_000));

        copies = LocalCopies.in(folder, 500, () -> freeBytes);

        assertThat(copies.bytes()).isEqualTo(400);
        assertThat(onDisk()).containsExactly(newer);
    }

    @Test
    void theCopyOfADeletedFileGoesAtOnceOrWithItsLastReader() throws Exception {
        use(A);
        try (BorrowedFiles first = copies.borrow(bucket, List.of(B))) {
            try (BorrowedFiles second = copies.borrow(bucket, List.of(B))) {
                copies.forget(List.of(A, B, "s3://lake/t/unknown.parquet"));

                assertThat(onDisk()).hasSize(1);
                assertThat(Path.of(second.path(B))).hasBinaryContent(content(2, 400));
            }
            assertThat(Path.of(first.path(B))).hasBinaryContent(content(2, 400));
        }

        assertThat(onDisk()).isEmpty();
        assertThat(copies.bytes()).isZero();
    }

    @Test
    void aCopyThatNobodyHasUsedForLongGoesAlsoWhereAnEarlierProcessLeftIt() throws Exception {
        Instant now = Instant.now();
        Path old = Path.of(use(A));
        Path young = Path.of(use(B));
        Files.setLastModifiedTime(old, FileTime.from(now.minusSeconds(100)));

        copies = reopened();
        copies.dropUnused(now.minusSeconds(50));

        assertThat(onDisk()).containsExactly(young);
        assertThat(copies.bytes()).isEqualTo(400);
        try (BorrowedFiles files = copies.borrow(bucket, List.of(B))) {
            copies.dropUnused(now.plusSeconds(100));

            assertThat(Path.of(files.path(B))).hasBinaryContent(content(2, 400));
        }
        copies.dropUnused(now.plusSeconds(100));
        assertThat(onDisk()).isEmpty();
    }

    @Test
    void aCopyThatSomebodyDeletedOrCutIsBroughtAgain() throws Exception {
        Files.delete(Path.of(use(A)));
        assertThat(Files.readAllBytes(Path.of(use(A)))).isEqualTo(content(1, 400));
        Files.write(Path.of(use(A)), content(9, 10));
        assertThat(Files.readAllBytes(Path.of(use(A)))).isEqualTo(content(1, 400));

        assertThat(bucket.downloads()).isEqualTo(3);
        assertThat(copies.bytes()).isEqualTo(400);
    }

    @Test
    void staysWithinItsBoundWhileManyReadersComeAndGo() throws Exception {
        List<String> locations = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            bucket.put("s3://lake/many/" + i, content(i, 50 + i));
            locations.add("s3://lake/many/" + i);
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Boolean>> readers = IntStream.range(0, 400)
                    .mapToObj(turn -> threads.submit(() -> {
                        String location = locations.get(turn * 7 % 40);
                        try (BorrowedFiles files = copies.borrow(bucket, List.of(location))) {
                            int fill = turn * 7 % 40;
                            return Files.readAllBytes(Path.of(files.path(location))).length == 50 + fill
                                    && copies.bytes() <= BOUND;
                        }
                    }))
                    .toList();
            for (Future<Boolean> reader : readers) {
                assertThat(reader.get()).isTrue();
            }
        }
    }
}
