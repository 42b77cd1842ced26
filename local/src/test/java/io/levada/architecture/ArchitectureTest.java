package io.levada.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArchitectureTest {
    private static final List<String> SERVICES = List.of("ingest", "catalog", "transform", "query", "warehouse");
    private static final List<String> SHARED = List.of("events", "definition", "lake", "sql", "broker");

    private static JavaClasses levada = new ClassFileImporter().importClasses(List.of());

    @BeforeAll
    static void importClasses() {
        levada = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/test-classes/"))
                .withImportOption(location -> !location.contains("test-support"))
                .importPackages("io.levada");
    }

    @Test
    void seesAllModules() {
        Set<String> modules = levada.stream()
                .map(type -> type.getPackageName().split("\\.")[2])
                .collect(Collectors.toSet());

        assertThat(modules)
                .containsAll(SHARED)
                .containsAll(SERVICES)
                .contains("local")
                .doesNotContain("testing");
    }

    @Test
    void noServiceDependsOnAService() {
        for (String service : SERVICES) {
            String[] others = SERVICES.stream()
                    .filter(other -> !other.equals(service))
                    .map(other -> "io.levada." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.levada." + service + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .allowEmptyShould(true)
                    .check(levada);
        }
    }

    @Test
    void sharedModulesDependOnNoServiceAndNothingDependsOnLocal() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        SHARED.stream().map(name -> "io.levada." + name + "..").toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SERVICES.stream()
                        .map(name -> "io.levada." + name + "..")
                        .toArray(String[]::new))
                .check(levada);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.levada.local..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.levada.local..")
                .check(levada);
    }

    @Test
    void eventsDependOnTheJdkOnly() {
        classes()
                .that()
                .resideInAPackage("io.levada.events..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "io.levada.events..", "org.jspecify..")
                .check(levada);
    }

    @Test
    void theLakeKnowsNeitherSpringNorKafka() {
        noClasses()
                .that()
                .resideInAPackage("io.levada.lake..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "org.apache.kafka..")
                .check(levada);
    }

    @Test
    void modulesFormNoCircle() {
        slices().matching("io.levada.(*)..").should().beFreeOfCycles().check(levada);
    }

    @ParameterizedTest
    @ValueSource(strings = {"util", "utils", "common", "helper", "helpers", "misc"})
    void noPackageIsADrawerForAnything(String name) {
        noClasses().should().resideInAPackage("io.levada.." + name + "..").check(levada);
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> unmarked = levada.stream()
                .filter(type -> !type.getPackage().isAnnotatedWith(NullMarked.class))
                .map(JavaClass::getPackageName)
                .collect(Collectors.toSet());

        assertThat(unmarked).isEmpty();
    }

    @Test
    void nothingStaticChanges() {
        fields().that().areStatic().should(beFinal()).check(levada);
    }

    private static ArchCondition<JavaField> beFinal() {
        return new ArchCondition<>("be final") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                boolean isFinal = field.getModifiers().contains(JavaModifier.FINAL)
                        || field.getModifiers().contains(JavaModifier.SYNTHETIC);
                events.add(new SimpleConditionEvent(field, isFinal, field.getFullName() + " is static and not final"));
            }
        };
    }

    @Test
    void noMethodOfOursIsCalledGet() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage("io.levada..")
                .should(notBeGetters())
                .check(levada);
    }

    private static ArchCondition<JavaMethod> notBeGetters() {
        return new ArchCondition<>("not be named get...") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                boolean getter = method.getName().matches("get[A-Z].*")
                        && !overrides(method)
                        && !method.getModifiers().contains(JavaModifier.SYNTHETIC);
                events.add(new SimpleConditionEvent(method, !getter, method.getFullName() + " is a getter by name"));
            }
        };
    }

    /// A method of a type of somebody else's keeps its name.
    private static boolean overrides(JavaMethod method) {
        return Stream.concat(
                        method.getOwner().getAllRawInterfaces().stream(),
                        method.getOwner().getAllRawSuperclasses().stream())
                .anyMatch(type -> type.getMethods().stream()
                        .anyMatch(other -> other.getName().equals(method.getName())));
    }

    @Test
    void noClassIsNamedForARoleInsteadOfAThing() {
        noClasses().should().haveSimpleNameEndingWith("Manager").check(levada);
        noClasses().should().haveSimpleNameEndingWith("Helper").check(levada);
        noClasses().should().haveSimpleNameEndingWith("Util").check(levada);
        noClasses().should().haveSimpleNameEndingWith("Utils").check(levada);
        noClasses().should().haveSimpleNameEndingWith("Impl").check(levada);
        noClasses().should().haveSimpleNameStartingWith("Abstract").check(levada);
    }

    @Test
    void metricsNeverGoToTheGlobalRegistry() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.micrometer.core.instrument.Metrics")
                .check(levada);
    }
}
