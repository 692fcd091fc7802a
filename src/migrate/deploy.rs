//! What the settings of Capistrano say of the Puma that a deploy starts.

use super::app::Run;
use super::look::DeployLook;
use super::start::{Start, Untranslatable, command};
use crate::capistrano::Stage;
use crate::catalog::deploy_plugin;
use crate::deployment::Deployment;
use crate::model::hole;
use crate::puma::{Launch, Starter};
use crate::rules::view::Scene;

/// The stage that is looked at: the one called production, else the first.
pub(super) fn stage(deployment: &Deployment) -> Option<&Stage> {
    let started = || deployment.stages.iter().filter(|stage| stage.starts().next().is_some());
    started().find(|stage| stage.name.as_deref() == Some("production")).or_else(|| started().next())
}

/// How Puma is started on a stage.
pub(super) fn start(scene: &Scene<'_>, stage: &Stage) -> Result<Start, Untranslatable> {
    let unknown = |setting: &str| Untranslatable { word: format!("fetch(:{setting})") };
    let launch = launch(scene.deployment, stage).ok_or_else(|| unknown("application"))?;
    let mut stays = launch.clone();
    if let Some(run) = &mut stays.invocation {
        run.arguments.retain(|word| word.text() != "--daemon");
    }
    let command = command(scene, &stays)?;
    if hole::has_hole(&command) {
        return Err(unknown(if stage.known("puma_conf").is_none() { "puma_conf" } else { "puma_env" }));
    }
    let set =
        |name: &String| launch.environment.variables.get(name).map(|value| (name.clone(), value.clone()));
    Ok(Start {
        command,
        directory: launch.directory.as_known().map(str::to_owned),
        user: stage.known("puma_user").or_else(|| stage.user.clone()),
        variables: launch.environment.variables.keys().filter_map(set).collect(),
    })
}

/// What starts Puma on a stage.
fn launch<'a>(deployment: &'a Deployment, stage: &Stage) -> Option<&'a Launch> {
    let (_, plugin) = stage.starts().find(|(start, _)| !start.by_monit).or(stage.starts().next())?;
    let directory = stage.text("current_path");
    deployment.launches.iter().find(|launch| {
        launch.starter == Starter::Capistrano
            && launch.place == Some(plugin.place)
            && launch.directory == directory
    })
}

/// What there is of Capistrano in a deployment.
pub(super) fn look(deployment: &Deployment) -> Option<DeployLook> {
    let stage = stage(deployment)?;
    let writes_check = stage.starts().any(|(start, _)| start.by_monit);
    let monit = stage.known("application").zip(stage.name.clone()).filter(|_| writes_check);
    let monit = monit.map(|(app, stage)| format!("puma_{app}_{stage}"));
    Some(DeployLook {
        stage: stage.name.clone().unwrap_or_else(|| "STAGE".to_owned()),
        others: deployment.stages.len() - 1,
        gem: (
            stage.gem.to_string(),
            deploy_plugin("Systemd").is_some_and(|systemd| systemd.exists(&stage.gem)),
        ),
        config: stage.known("puma_conf").filter(|_| stage.writes_config()),
        monit: monit.map(|name| (format!("/etc/monit/conf.d/{name}.conf"), name)),
        unit: stage.known("puma_service_unit_name"),
    })
}

impl Run<'_> {
    /// Says what of Capistrano's doing is decided, asked and left to do.
    pub fn mind_deploy(&mut self, deploy: &DeployLook, file: &str, unit: &str) {
        let DeployLook { stage, gem: (gem, has_systemd), .. } = deploy;
        match &deploy.unit {
            _ if !has_systemd => self.ask(
                format!(
                    "which capistrano3-puma should deploy this? {gem} passes --daemon by itself and knows no systemd: \
                     bundle update puma capistrano3-puma, and run this again"
                ),
                None,
            ),
            Some(restarted) if restarted == unit => {
                let why = format!(
                    "the Systemd plugin restarts {unit}.service with each deploy; \
                     `cap {stage} puma:systemd:config` would write the gem's own over it"
                );
                self.decide(file, "its name", why);
            }
            _ => self.ask(
                format!(
                    "which unit should a deploy restart? Say it in config/deploy.rb: \
                     set :puma_service_unit_name, \"{unit}\""
                ),
                None,
            ),
        }
        if deploy.others > 0 {
            let why = format!("other stages ({}) need one of their own", deploy.others);
            self.decide(file, format!("it is the unit of the stage {stage}"), why);
        }
        if let Some(config) = &deploy.config {
            let why = "capistrano3-puma writes it on the server, of the settings";
            self.decide(file, format!("{config} stays Puma's config"), why);
            self.steps
                .push(format!("cap {stage} puma:config   # writes {config} again, as the settings are now"));
        }
        if let Some((path, name)) = &deploy.monit {
            self.steps.push(format!(
                "sudo rm {path}   # the check {name} that the deploy wrote; a new one follows"
            ));
        }
    }
}

/// The pidfile that a launch's Puma writes by the config that the gem writes, and whether it is started with that.
pub(super) fn written_pidfile(scene: &Scene<'_>, launch: &Launch) -> Option<String> {
    let config = launch.flag("config", scene.release())?;
    let mut stages = scene.deployment.stages.iter().filter(|stage| stage.writes_config());
    stages.find(|stage| stage.known("puma_conf").as_deref() == Some(config.text()))?.known("puma_pid")
}
