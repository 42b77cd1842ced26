# NOT RUN: the machines that Levada is developed on have no container engine. See docs/how-to/deploy.md.
# One image for all services; SERVICE chooses which one starts. Build the jars first: mvn -DskipTests package
FROM eclipse-temurin:25-jre
RUN groupadd --gid 10001 levada && useradd --uid 10001 --gid levada --no-create-home levada \
    && mkdir /data /lake && chown levada /data /lake
COPY local/target/lib /opt/levada/lib
COPY k8s/start-service.sh /opt/levada/start-service.sh
USER 10001
EXPOSE 8080
ENTRYPOINT ["/bin/sh", "/opt/levada/start-service.sh"]
