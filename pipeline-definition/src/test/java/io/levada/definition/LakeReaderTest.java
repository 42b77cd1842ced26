package io.levada.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LakeReaderTest {
    private static final String SOURCES = "sources: {sales: {type: files, path: inbox, table: orders}}\n";

    @TempDir
    private Path directory;

    private ProjectFixture project() {
        return new ProjectFixture(directory);
    }

    @Test
    void readsABucketWithEveryDefault() {
        LakeDefinition lake = project()
                .yaml(SOURCES + "lake: {location: 's3://shop-lake/prod/'}\n")
                .valid()
                .lake();

        assertThat(lake)
                .isEqualTo(new LakeDefinition("s3://shop-lake/prod", S3Settings.DEFAULT, 10L * 1024 * 1024 * 1024));
        assertThat(lake.isBucket()).isTrue();
    }

    @Test
    void readsHowABucketIsReached() {
        LakeDefinition lake = project().yaml(SOURCES + """
                lake:
                  location: s3://shop
                  endpoint: http://minio:9000
                  region: eu-west-1
                  path-style: false
                  cache: {size: 512MB}
                """).valid().lake();

        assertThat(lake)
                .isEqualTo(new LakeDefinition(
                        "s3://shop",
                        new S3Settings(URI.create("http://minio:9000"), "eu-west-1", false),
                        512L * 1024 * 1024));
    }

    @Test
    void aServerOfItsOwnHasThePathStyle() {
        LakeDefinition lake = project()
                .yaml(SOURCES + "lake: {location: 's3://shop', endpoint: 'http://minio:9000'}\n")
                .valid()
                .lake();

        assertThat(lake.s3().pathStyle()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            location: 'gs://shop/lake'                              | gs:// is no storage that Levada can write to
            location: 'abfs://shop@account/lake'                    | abfs:// is no storage that Levada can write to
            location: 'hdfs://name/lake'                            | hdfs:// is no storage that Levada can write to
            location: 's3a://shop/lake'                             | write s3:// in place of s3a://
            location: 's3://Shop/lake'                              | a bucket's name has
            location: 's3://ab'                                     | a bucket's name has
            location: 's3://shop//lake'                             | between slashes
            location: 's3://shop/a b'                               | between slashes
            location: 's3://shop', endpoint: 'minio:9000'           | allowed is http://host:port
            location: 's3://shop', region: 'EU West'                | allowed is the name of a region
            location: 's3://shop', path-style: maybe                | allowed are true, false
            location: 's3://shop', cache: {size: 1MB}               | from 64MB on
            location: 's3://shop', cache: {size: much}              | from 64MB on
            location: ./lake, cache: {size: 1GB}                    | The lake is in a folder
            location: ./lake, endpoint: 'http://minio:9000'         | The lake is in a folder
            region: eu-west-1                                       | The lake is in a folder
            """)
    void refusesWhatCanNotBe(String lake, String message) {
        Problem problem = project().yaml(SOURCES + "lake: {" + lake + "}\n").problem();

        assertThat(problem.code()).isEqualTo("DEF-BAD-VALUE");
        assertThat(problem.message()).contains(message);
        assertThat(problem.key()).startsWith("lake.");
    }
}
