package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.S3Settings;
import io.levada.ingest.IngestError;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.model.SqsException;

class SqsQueueTest {
    private static final URI QUEUE = URI.create("https://sqs.eu-west-1.amazonaws.com/123456789012/shop");

    @ParameterizedTest
    @CsvSource({
        "https://sqs.eu-west-1.amazonaws.com/1/q, eu-west-1",
        "https://sqs-fips.us-gov-west-1.amazonaws.com/1/q, us-gov-west-1",
        "https://sqs.cn-north-1.amazonaws.com.cn/1/q, cn-north-1",
        "https://eu-west-3.queue.amazonaws.com/1/q, eu-west-3",
        "https://vpce-1a2b.sqs.eu-west-1.vpce.amazonaws.com/1/q, eu-west-1",
        "http://127.0.0.1:9324/1/q, sa-east-1",
    })
    void signsForTheRegionOfTheQueue(String queue, String region) {
        S3Settings bucket = new S3Settings(null, "sa-east-1", false);

        assertThat(SqsQueue.region(URI.create(queue), bucket)).hasValue(Region.of(region));
    }

    @ParameterizedTest
    @CsvSource({
        "400, AWS.SimpleQueueService.NonExistentQueue, FILES_QUEUE_MISSING",
        "400, QueueDoesNotExist, FILES_QUEUE_MISSING",
        "403, AccessDenied, FILES_QUEUE_FORBIDDEN",
        "400, AccessDeniedException, FILES_QUEUE_FORBIDDEN",
        "400, KmsAccessDenied, FILES_QUEUE_FORBIDDEN",
        "503, ServiceUnavailable, FILES_QUEUE_AWAY",
        "400, RequestThrottled, FILES_QUEUE_AWAY",
        "400, InvalidAddress, FILES_QUEUE_REFUSED",
    })
    void tellsWhatSqsRefused(int status, String code, IngestError error) {
        SqsException answer = (SqsException) SqsException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("said by SQS")
                        .build())
                .build();

        assertThat(QueueTrouble.of(QUEUE, answer)).satisfies(trouble -> {
            assertThat(trouble.error()).isEqualTo(error);
            assertThat(trouble).hasMessageContaining(QUEUE.toString()).hasMessageEndingWith("listing meanwhile");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "Unable to load credentials from any of the providers, FILES_QUEUE_FORBIDDEN",
        "Unable to load region from any of the providers, FILES_QUEUE_REFUSED",
        "Connection refused, FILES_QUEUE_AWAY",
    })
    void tellsWhyThereWasNoAnswer(String message, IngestError error) {
        assertThat(QueueTrouble.of(QUEUE, SdkClientException.create(message)).error())
                .isEqualTo(error);
    }
}
