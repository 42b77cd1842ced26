package io.levada.catalog.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.lake.storage.Abandonable;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LakeFileIO;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import io.levada.testing.FaultyS3.Plan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.PositionOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The lake's file IO on s3proxy, with faults between the two.
final class LakeFileIOIT {
    private static final byte[] SMALL = "rows".getBytes(StandardCharsets.UTF_8);

    /// More than one part.
    private static final byte[] LARGE = new byte[14 * 1024 * 1024];

    private static EmbeddedS3Server server;
    private static FaultyS3 faulty;

    @TempDir
    private Path directory;

    private LakeFileIO io;
    private String folder;

    @BeforeAll
    static void startServer() {
        new Random(1).nextBytes(LARGE);
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        server = EmbeddedS3Server.start();
        server.createBucket("lake");
        faulty = FaultyS3.before(server.endpoint());
    }

    @AfterAll
    static void stopServer() {
        faulty.close();
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void open() {
        faulty.plan(_ -> Fault.NONE);
        io = new LakeFileIO();
        Map<String, String> properties = new HashMap<>(new BucketAccess(faulty.endpoint(), null, true).asProperties());
        properties.put(
                S3FileIOProperties.STAGING_DIRECTORY,
                directory.resolve("staging").toString());
        properties.put(S3FileIOProperties.MULTIPART_SIZE, Integer.toString(S3FileIOProperties.MULTIPART_SIZE_MIN));
        io.initialize(properties);
        folder = "s3://lake/" + java.util.UUID.randomUUID();
    }

    @AfterEach
    void close() {
        io.close();
    }

    private void write(String location, byte[] content) throws IOException {
        try (PositionOutputStream out = io.newOutputFile(location).create()) {
            out.write(content);
        }
    }

    private byte[] read(String location) throws IOException {
        try (InputStream in = io.newInputFile(location).newStream()) {
            return in.readAllBytes();
        }
    }

    private List<Path> staged() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("staging"))) {
            return files.toList();
        }
    }

    @Test
    void readsWhatWasWrittenInOnePieceAndInParts() throws Exception {
        write(folder + "/small", SMALL);
        write(folder + "/large", LARGE);

        assertThat(read(folder + "/small")).isEqualTo(SMALL);
        assertThat(read(folder + "/large")).isEqualTo(LARGE);
        assertThat(io.newInputFile(folder + "/large").getLength()).isEqualTo(LARGE.length);
        assertThat(staged()).isEmpty();
    }

    @Test
    void aFileIsThereOnlyOnceItIsClosed() throws Exception {
        try (PositionOutputStream out = io.newOutputFile(folder + "/a").create()) {
            out.write(SMALL);
            out.flush();
            assertThat(io.newInputFile(folder + "/a").exists()).isFalse();
        }

        assertThat(io.newInputFile(folder + "/a").exists()).isTrue();
    }

    @Test
    void nothingOfAnAbandonedFileIsUploaded() throws Exception {
        PositionOutputStream out = io.newOutputFile(folder + "/a").create();
        out.write(LARGE);
        ((Abandonable) out).abandon();
        out.close();

        assertThat(io.newInputFile(folder + "/a").exists()).isFalse();
        assertThat(staged()).isEmpty();
    }

    @Test
    void writesOverNoFile() throws Exception {
        write(folder + "/a", SMALL);

        assertThatThrownBy(() -> io.newOutputFile(folder + "/a").create()).isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThatThrownBy(() -> io.newInputFile(folder + "/a").getLength()).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> read(folder + "/a")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void listsAndDeletesAFolderAndNotOneWhoseNameOnlyBeginsLikeIt() throws Exception {
        write(folder + "/table/data/a", SMALL);
        write(folder + "/table/b", SMALL);
        write(folder + "/table2/c", SMALL);

        assertThat(listed(folder + "/table")).containsExactlyInAnyOrder(folder + "/table/data/a", folder + "/table/b");

        io.deleteFiles(List.of(folder + "/table/b"));
        assertThat(listed(folder + "/table")).containsExactly(folder + "/table/data/a");
        io.deletePrefix(folder + "/table");
        assertThat(listed(folder)).containsExactly(folder + "/table2/c");
        io.deleteFile(folder + "/table2/c");
        assertThat(listed(folder)).isEmpty();
    }

    private List<String> listed(String of) {
        return StreamSupport.stream(io.listPrefix(of).spliterator(), false)
                .map(FileInfo::location)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"SLOW_DOWN", "ERROR", "AWAY"})
    void triesAgainWhatFailsForAWhile(Fault fault) throws Exception {
        faulty.plan(Plan.first(3, fault, request -> true));
        int before = faulty.struck(fault);

        write(folder + "/a", SMALL);

        assertThat(faulty.struck(fault) - before).isEqualTo(3);
        assertThat(read(folder + "/a")).isEqualTo(SMALL);
    }

    @ParameterizedTest
    @EnumSource(names = {"SLOW_DOWN", "ERROR", "AWAY"})
    void partsOfAnUploadAreSentAgain(Fault fault) throws Exception {
        faulty.plan(Plan.first(4, fault, request -> request.path().contains("partNumber=")));

        write(folder + "/large", LARGE);

        assertThat(read(folder + "/large")).isEqualTo(LARGE);
    }

    @Test
    void givesUpAfterABoundedNumberOfAttempts() throws Exception {
        faulty.plan(request -> request.method().equals("PUT") ? Fault.ERROR : Fault.NONE);
        int before = faulty.struck(Fault.ERROR);

        assertThatThrownBy(() -> write(folder + "/a", SMALL))
                .isInstanceOf(RuntimeIOException.class)
                .hasMessageContaining(folder + "/a")
                .hasMessageContaining("500");

        assertThat(faulty.struck(Fault.ERROR) - before).isEqualTo(6);
        assertThat(io.newInputFile(folder + "/a").exists()).isFalse();
        assertThat(staged()).isEmpty();
    }

    @Test
    void anUploadWhoseAnswersAreAllLostIsFoundByLooking() throws Exception {
        faulty.plan(request -> request.method().equals("PUT") ? Fault.ANSWER_LOST : Fault.NONE);

        write(folder + "/a", SMALL);

        assertThat(faulty.struck(Fault.ANSWER_LOST)).isPositive();
        assertThat(read(folder + "/a")).isEqualTo(SMALL);
    }

    @Test
    void aMultipartUploadWhoseLastAnswerIsLostIsFoundByLooking() throws Exception {
        faulty.plan(request -> request.method().equals("POST") && request.path().contains("uploadId=")
                ? Fault.ANSWER_LOST
                : Fault.NONE);

        write(folder + "/large", LARGE);

        assertThat(read(folder + "/large")).isEqualTo(LARGE);
    }

    @Test
    void anUploadThatNeverArrivedIsAFailure() {
        faulty.plan(_ -> Fault.AWAY);

        assertThatThrownBy(() -> {
                    try (PositionOutputStream out =
                            io.newOutputFile(folder + "/a").createOrOverwrite()) {
                        out.write(SMALL);
                    }
                })
                .isInstanceOf(RuntimeIOException.class)
                .hasMessageContaining(folder + "/a");
    }

    @Test
    void readingGoesOnAfterTheConnectionWasLost() throws Exception {
        write(folder + "/a", LARGE);
        faulty.plan(Plan.first(2, Fault.ANSWER_LOST, request -> request.method().equals("GET")));

        assertThat(read(folder + "/a")).isEqualTo(LARGE);
    }

    @Test
    void localFilesAreLocalFiles() throws Exception {
        String location = directory.resolve("lake/a").toString();

        write(location, SMALL);

        assertThat(Files.readAllBytes(Path.of(location))).isEqualTo(SMALL);
        assertThat(read(location)).isEqualTo(SMALL);
    }
}
