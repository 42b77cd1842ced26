package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.ingest.IngestError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3TroubleTest {
    @ParameterizedTest
    @CsvSource({
        "400, AuthorizationHeaderMalformed, FILES_REGION",
        "301, PermanentRedirect, FILES_REGION",
        "403, AccessDenied, FILES_FORBIDDEN",
        "503, SlowDown, FILES_STORAGE_AWAY",
        "429, TooManyRequests, FILES_STORAGE_AWAY",
        "400, InvalidRequest, FILES_UNREADABLE",
    })
    void tellsWhatS3RefusedWhateverTheBucketIsCalled(int status, String code, IngestError error) {
        S3Exception answer = (S3Exception) S3Exception.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("said by S3")
                        .build())
                .build();

        assertThat(S3Trouble.of("s3://sales-by-region/in", answer).error()).isEqualTo(error);
    }
}
