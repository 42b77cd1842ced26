package io.levada.testing.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

final class AwsServiceModelTest {
    private static final AwsServiceModel GLUE = AwsServiceModel.load("glue-2017-03-31");

    @Test
    void findsNothingWrongWithARequestWithinItsLimits() {
        assertThat(GLUE.request("UpdateTable", JsonMapper.shared().readTree("""
                                {"DatabaseName": "d", "SkipArchive": true, "VersionId": "3", "TableInput": {
                                  "Name": "t", "Retention": 0, "Parameters": {"table_type": "ICEBERG"},
                                  "StorageDescriptor": {"Columns": [{"Name": "größe", "Type": "int"}], "Compressed": false}}}
                                """)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
                    GetTable    | {"DatabaseName": "d"}                                   | Name             | must not be null
                    GetTable    | {"DatabaseName": "d", "Name": null}                     | Name             | must not be null
                    GetTable    | {"DatabaseName": "d", "Name": ""}                       | Name             | a length of at least 1
                    GetTable    | {"DatabaseName": "d", "Name": 5}                        | Name             | must be a text
                    GetTable    | {"DatabaseName": "d", "Name": "t", "Nme": "t"}          | Nme              | no member
                    GetTable    | []                                                      | ^^               | must be a structure
                    GetTables   | {"DatabaseName": "d", "MaxResults": 101}                | MaxResults       | at most 100
                    GetTables   | {"DatabaseName": "d", "MaxResults": 0}                  | MaxResults       | at least 1
                    GetTables   | {"DatabaseName": "d", "MaxResults": 1.5}                | MaxResults       | an integer
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "t"}, "SkipArchive": "yes"}       | SkipArchive      | a boolean
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "t"}, "ViewUpdateAction": "SWAP"} | ViewUpdateAction | must be one of
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "t", "Parameters": []}}           | TableInput.Parameters     | must be a map
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "t", "Parameters": {"": "v"}}}    | TableInput.Parameters[]   | at least 1
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "t", "Retention": -1}}            | TableInput.Retention      | at least 0
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "t", "PartitionKeys": {}}}        | TableInput.PartitionKeys  | must be a list
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "a\\nb"}}                         | TableInput.Name           | must match
                    UpdateTable | {"DatabaseName": "d", "TableInput": {"Name": "t", "PartitionKeys": [{}]}}      | TableInput.PartitionKeys[0].Name | must not be null
                    DropTable   | {}                                                      | ^^               | no operation
                    """)
    void catchesEachKindOfLimit(String operation, String request, String path, String limit) {
        assertThat(GLUE.request(operation, JsonMapper.shared().readTree(request)))
                .singleElement()
                .satisfies(violation -> {
                    assertThat(violation.path()).isEqualTo(path);
                    assertThat(violation.limit()).contains(limit);
                });
    }

    @Test
    void countsCodePointsOfTexts() {
        String longest = "😀".repeat(255);

        assertThat(GLUE.request("GetTable", table(longest))).isEmpty();
        assertThat(GLUE.request("GetTable", table(longest + "x")))
                .singleElement()
                .extracting(AwsServiceModel.Violation::limit)
                .isEqualTo("must have a length of at most 255");
    }

    private static tools.jackson.databind.JsonNode table(String name) {
        return JsonMapper.shared().createObjectNode().put("DatabaseName", "d").put("Name", name);
    }

    @Test
    void countsTheElementsOfLists() {
        String value = "{\"Values\": [\"v\"]}";
        String request = "{\"DatabaseName\": \"d\", \"TableName\": \"t\", \"PartitionsToDelete\": ["
                + String.join(",", Collections.nCopies(26, value)) + "]}";

        assertThat(GLUE.request("BatchDeletePartition", JsonMapper.shared().readTree(request)))
                .singleElement()
                .satisfies(violation -> {
                    assertThat(violation.path()).isEqualTo("PartitionsToDelete");
                    assertThat(violation.limit()).isEqualTo("must have a size of at most 25");
                });
    }

    /// The services of later adapters.
    @Test
    void knowsOtherServices() {
        AwsServiceModel athena = AwsServiceModel.load("athena-2017-05-18");
        AwsServiceModel redshift = AwsServiceModel.load("redshift-data-2019-12-20");
        String statements = String.join(",", Collections.nCopies(41, "\"SELECT 1\""));

        assertThat(athena.request(
                        "StartQueryExecution",
                        JsonMapper.shared()
                                .readTree("{\"QueryString\": \"SELECT 1\", \"ClientRequestToken\": \"too-short\"}")))
                .extracting(AwsServiceModel.Violation::path)
                .containsExactly("ClientRequestToken");
        assertThat(redshift.request(
                        "BatchExecuteStatement",
                        JsonMapper.shared().readTree("{\"Database\": \"d\", \"Sqls\": [" + statements + "]}")))
                .extracting(AwsServiceModel.Violation::limit)
                .containsExactly("must have a size of at most 40");
    }

    @Test
    void saysWhereAModelIsMissing() {
        assertThatThrownBy(() -> AwsServiceModel.load("none-2000-01-01"))
                .hasMessageContaining("aws-java-sdk-models is not on the class path");
    }
}
