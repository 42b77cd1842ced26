package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.ingest.files.ObjectNotification.Happened;
import io.levada.ingest.files.ObjectNotification.Named;
import io.levada.ingest.files.ObjectNotification.NotUnderstood;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Messages in the forms that Amazon's S3 and SNS guides print.
class ObjectNotificationTest {
    static String s3(String bucket, String encodedKey) {
        return """
            {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-west-2",
              "eventTime":"1970-01-01T00:00:00.000Z","eventName":"ObjectCreated:Put",
              "userIdentity":{"principalId":"AIDAJDPLRKLG7UEXAMPLE"},
              "requestParameters":{"sourceIPAddress":"172.16.0.1"},
              "responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},
              "s3":{"s3SchemaVersion":"1.0","configurationId":"testConfigRule",
                "bucket":{"name":"%s","ownerIdentity":{"principalId":"A3NL1KOZZKExample"},"arn":"arn:aws:s3:::%s"},
                "object":{"key":"%s","size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e",
                  "versionId":"096fKKXTRTtl3on89fVO.nfljtsv6qko","sequencer":"0055AED6DCD90281E5"}}}]}
            """.formatted(bucket, bucket, encodedKey);
    }

    static String eventBridge(String bucket, String key) {
        return """
            {"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created",
              "source":"aws.s3","account":"111122223333","time":"2021-11-12T00:00:00Z","region":"ca-central-1",
              "resources":["arn:aws:s3:::%s"],
              "detail":{"version":"0","bucket":{"name":"%s"},
                "object":{"key":"%s","size":5,"etag":"b1946ac92492d2347c6235b4d2611184",
                  "version-id":"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e","sequencer":"617f08299329d189"},
                "request-id":"N4N7GDK58NMKJ12R","requester":"123456789012","source-ip-address":"1.2.3.4",
                "reason":"PutObject"}}
            """.formatted(bucket, bucket, key);
    }

    static String sns(String message) {
        ObjectNode wrapped = JsonMapper.builder().build().createObjectNode();
        return wrapped.put("Type", "Notification")
                .put("MessageId", "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")
                .put("TopicArn", "arn:aws:sns:us-west-2:123456789012:MyTopic")
                .put("Subject", "Amazon S3 Notification")
                .put("Message", message)
                .put("Timestamp", "2012-05-02T00:54:06.655Z")
                .put("SignatureVersion", "1")
                .toString();
    }

    private static Happened happened(String bucket, String key) {
        return new Happened(List.of(new Named(bucket, key)));
    }

    @ParameterizedTest
    @CsvSource({
        "daily/a.csv, daily/a.csv",
        "red+flower.csv, red flower.csv",
        "red%20flower.csv, red flower.csv",
        "a%2Bb.csv, a+b.csv",
        "50%25.csv, 50%.csv",
        "m%C3%AAs%2F%E6%9C%88.csv, m\u00eas/\u6708.csv",
        "ano%3D2026/a.csv, ano=2026/a.csv",
    })
    void decodesTheKeysOfS3(String written, String key) {
        assertThat(ObjectNotification.parse(s3("shop", written))).isEqualTo(happened("shop", key));
        assertThat(ObjectNotification.parse(sns(s3("shop", written)))).isEqualTo(happened("shop", key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"daily/a.csv", "red flower.csv", "a+b.csv", "a%2Bb.csv", "m\u00eas/\u6708.csv"})
    void takesTheKeysOfEventBridgeAsTheyAre(String key) {
        assertThat(ObjectNotification.parse(eventBridge("shop", key))).isEqualTo(happened("shop", key));
        assertThat(ObjectNotification.parse(sns(eventBridge("shop", key)))).isEqualTo(happened("shop", key));
    }

    @Test
    void takesEveryRecordWhateverHappened() {
        String removed = s3("shop", "b.csv").replace("ObjectCreated:Put", "ObjectRemoved:Delete");
        String both = s3("shop", "a.csv").replace("}]}", "}," + removed.substring(removed.indexOf('[') + 1));

        assertThat(ObjectNotification.parse(both))
                .isEqualTo(new Happened(List.of(new Named("shop", "a.csv"), new Named("shop", "b.csv"))));
    }

    @Test
    void knowsTheTestOfANewNotification() {
        String test = """
            {"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2014-10-13T15:57:02.089Z","Bucket":"shop",
              "RequestId":"5582815E1AEA5ADF","HostId":"8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE"}
            """;

        assertThat(ObjectNotification.parse(test)).isEqualTo(new ObjectNotification.Test("shop"));
        assertThat(ObjectNotification.parse(sns(test))).isEqualTo(new ObjectNotification.Test("shop"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{}",
                "{\"Records\":[]}",
                "{\"Records\":[{\"eventVersion\":\"2.1\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{}}}]}",
                "{\"Records\":[{\"eventVersion\":\"3.0\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"k\"}}}]}",
                "{\"Records\":[{\"eventVersion\":\"2.1\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"%zz\"}}}]}",
                "{\"Type\":\"Notification\",\"Message\":\"hello\"}",
                "{\"Type\":\"Notification\",\"Message\":{}}",
                "{\"Type\":\"SubscriptionConfirmation\",\"Message\":\"You have chosen to subscribe\"}",
                "{\"source\":\"aws.ec2\",\"detail\":{}}",
                "{\"source\":\"aws.s3\",\"detail\":{\"bucket\":{\"name\":\"b\"}}}",
            })
    void saysWhatItDoesNotUnderstand(String body) {
        assertThat(ObjectNotification.parse(body)).isInstanceOf(NotUnderstood.class);
    }
}
